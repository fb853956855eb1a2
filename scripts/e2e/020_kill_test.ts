/**
 * SIGKILL at every step of an apply, of Skerry and of each program around it. Afterwards: what was
 * answered is there, every container once, names and route answer, the volume's lines are whole.
 *
 * `SKERRY_E2E_RUNS` (10; long mode 100) is the number of kills, `SKERRY_E2E_SEED` repeats a row.
 */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { containersOf, inconsistencies } from "./consistency.ts";
import { createLab } from "./lab/lab.ts";
import type { LabProcess } from "./lab/process.ts";
import { until } from "./lab/program.ts";

const BOX = "198.18.0.1";
const RUNS = Number(Deno.env.get("SKERRY_E2E_RUNS") ?? 10);
const SEED = Number(Deno.env.get("SKERRY_E2E_SEED") ?? Date.now() % 100_000);
const SETTLE_MS = 120_000;
const WANTED = { web: 2, db: 1, client: 1 };

/** What is killed, in turn. `agent` and `control` are two processes then, `up` is both in one. */
const VICTIMS = [
  "up",
  "agent",
  "control",
  "podman",
  "up",
  "agent",
  "control",
  "conmon",
  "traefik",
  "container",
] as const;
type Victim = typeof VICTIMS[number];
type Verb = "up" | "agent" | "control";

/** A new value of the secret is set before each apply of so many. */
const SECRET_EACH = 3;
/** The secret's value at the apply of that version. */
const secretOf = (version: number) => `secret-${version - version % SECRET_EACH}`;

const compose = (version: number) => `
services:
  web:
    image: localhost/web:${version % 2}
    init: true
    environment: { VERSION: "${version}" }
    command: ["sh", "-c", "echo version $$VERSION > /www/index.html; exec httpd -f -p 8080 -h /www"]
    deploy: { replicas: 2 }
    x-skerry:
      routes: [{ host: shop.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 1s }
  db:
    image: localhost/web:0
    init: true
    environment: { VERSION: "${version}" }
    command: ["sh", "-c", "while :; do sleep 1; done"]
    secrets: [token]
    volumes: ["data:/data"]
  client:
    image: localhost/web:0
    init: true
    command: ["sleep", "100000"]
volumes: { data: {} }
secrets: { token: { external: true } }
`;

/** Numbers between 0 and 1 that a seed repeats. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It had ended.
    }
  }
}

Deno.test(`SIGKILL during ${RUNS} applies (SKERRY_E2E_SEED=${SEED})`, async (test) => {
  const random = randomFrom(SEED);
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const laptop = lab.host("laptop");
  const box = createBox(lab.host("box"));
  const page = async () => {
    const ask = ["curl", "-s", "--max-time", "3", "-H", "Host: shop.test", `http://${BOX}/`];
    return (await laptop.run(ask)).stdout.trim();
  };
  const inside = (service: string, ...argv: string[]) =>
    box.run(["exec", "-T", "-p", "shop", service, "--", ...argv]);

  const programs = new Map<Verb, LabProcess>();

  /** The processes that a victim's name stands for, as they are now. */
  async function pidsOf(victim: Victim): Promise<readonly number[]> {
    const recorded = async (path: string) => {
      const text = await Deno.readTextFile(path).catch(() => "{}");
      return [Number(JSON.parse(text).pid ?? 0)].filter((pid) => pid > 0);
    };
    const inspected = async (format: string) => {
      const ids = (await box.podman.run(["ps", "--quiet"])).stdout.split("\n").filter(Boolean);
      const texts = await Promise.all(ids.map(async (id) => {
        const { stdout } = await box.podman.run(["inspect", "--format", format, id]);
        return stdout.trim();
      }));
      return texts.map(Number).filter((pid) => pid > 0);
    };
    switch (victim) {
      case "up":
      case "agent":
      case "control":
        return [programs.get(victim)?.pid ?? 0].filter((pid) => pid > 0);
      case "podman":
        return await recorded(`${box.layout.podmanDir}/service.json`);
      case "traefik":
        return await recorded(`${box.layout.traefikDir}/engine.json`);
      case "conmon":
        return (await inspected("{{.State.ConmonPid}}")).slice(0, 1);
      case "container":
        return (await inspected("{{.State.Pid}}")).slice(0, 1);
    }
  }

  /** Ends the programs that are not among `verbs`, starts those that are not there. */
  async function runAs(verbs: readonly Verb[]): Promise<void> {
    for (const [verb, program] of programs) {
      if (verbs.includes(verb)) continue;
      programs.delete(verb);
      await program.stop();
    }
    for (const verb of verbs) {
      if (!programs.has(verb)) programs.set(verb, await box.start(verb));
    }
  }
  const looping = () => programs.get("up") ?? programs.get("agent");

  try {
    await runAs(["up"]);
    await box.image("web:0");
    await box.image("web:1");
    await box.must(["secret", "set", "token", "-p", "shop"], { stdin: secretOf(0) });
    const first = await box.project("shop", compose(0));
    await box.must(["apply", "--wait"], { cwd: first });
    let acknowledged = 0;
    const lines: string[] = [];

    for (let number = 1; number <= RUNS; number += 1) {
      const victim = VICTIMS[(number - 1) % VICTIMS.length] ?? "up";
      const atSteps = random() < 0.6 ? Math.floor(random() * 14) + 1 : null;
      const afterMs = Math.floor(random() * (atSteps === null ? 6_000 : 40));
      const moment = atSteps === null ? `${afterMs} ms` : `step ${atSteps} and ${afterMs} ms`;
      await test.step(`${number}: ${victim} at ${moment}`, async () => {
        const said = await inside("db", "sh", "-c", `echo line ${number} >> /data/log && sync`);
        if (said.code === 0) lines.push(`line ${number}`);
        // Sessions need agent and control plane in one process as yet.
        const isApart = victim === "agent" || victim === "control";
        if (isApart) await runAs(["control", "agent"]);
        if (number % SECRET_EACH === 0) {
          await box.must(["secret", "set", "token", "-p", "shop"], { stdin: secretOf(number) });
        }
        const folder = await box.project("shop", compose(number));
        const loop = looping();
        const before = loop?.text().length ?? 0;
        const steps = () => (loop?.text() ?? "").slice(before).split('"message":"step"').length - 1;
        const applying = box.run(["apply"], { cwd: folder });
        if (atSteps !== null) {
          let applied = false;
          applying.then(() => applied = true);
          const end = performance.now() + 20_000;
          await until("the step", async () => {
            await Promise.resolve();
            return steps() >= atSteps || (applied && performance.now() > end);
          }, 60_000);
        }
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        killAll(await pidsOf(victim));
        const result = await applying;
        if (result.code === 0) acknowledged = number;
        if (victim === "up" || victim === "agent" || victim === "control") {
          await programs.get(victim)?.status;
          programs.delete(victim);
          programs.set(victim, await box.start(victim));
        }
        let wrong: readonly string[] = ["nothing seen yet"];
        let seen = "";
        const versions = new Set([`version ${acknowledged}`, `version ${number}`]);
        await until("the box to be as wanted", async () => {
          wrong = await inconsistencies(box, "shop", WANTED);
          if (wrong.length > 0) return false;
          seen = await page();
          return versions.has(seen);
        }, SETTLE_MS).catch((thrown) => {
          const tail = looping()?.text().slice(-6_000);
          throw new Error(`${wrong.join("\n")}\npage: "${seen}"\n${tail}`, { cause: thrown });
        });
        // What was not acknowledged may have been taken over all the same.
        acknowledged = Number(seen.replace("version ", ""));
        const views = await containersOf(box, "shop");
        const due = views.filter((view) => view.service === "web")
          .flatMap((view) => view.addresses).sort();
        if (isApart) await runAs(["up"]);
        let looked = "";
        await until("the names", async () => {
          looked = (await inside("client", "nslookup", "web.shop.internal")).stdout;
          const body = looked.slice(looked.indexOf("Name:"));
          const found = [...body.matchAll(/Address[^:]*: (10\.200\.9\.\d+)/g)].map((m) => m[1]);
          return [...new Set(found)].sort().join() === due.join();
        }, 30_000).catch((thrown) => {
          throw new Error(`names: wanted ${due}, found ${looked}`, { cause: thrown });
        });
        const log = await inside("db", "cat", "/data/log");
        assert.deepEqual(log.stdout.trim().split("\n"), lines, log.stderr);
        const token = await inside("db", "cat", "/run/secrets/token");
        // A new value comes with the next apply that is taken over.
        assert.equal(token.stdout, secretOf(acknowledged), token.stderr);
      });
    }
  } finally {
    await box.close();
  }
});
