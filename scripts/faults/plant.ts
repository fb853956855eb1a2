/**
 * The box that takes the beating: a project with a routed service of two replicas, one with a volume
 * and a secret, and a client, in one version after the other. It knows what was acknowledged, and
 * finds out what of it is lost and what else is wrong.
 */
import { type Box, type BoxOptions, createBox } from "../e2e/box.ts";
import { containersOf, inconsistencies } from "../e2e/consistency.ts";
import { createLab, type Lab } from "../e2e/lab/lab.ts";
import type { LabHost } from "../e2e/lab/host.ts";
import { until } from "../e2e/lab/program.ts";
import type { CommandResult } from "../../shared/command.ts";
import type { Findings } from "./fault.ts";

/** The box's address on the plant's LAN. */
export const BOX = "198.18.0.1";
export const PROJECT = "shop";
/** By when a box is to be as wanted after a fault. */
export const SETTLE_MS = 300_000;
const WANTED = { web: 2, db: 1, client: 1 };
export const CONTAINERS = 4;

/** Where images come from where they do not just lie on the box. */
const REGISTRY = "198.18.0.2:5000";

const compose = (version: number, images: string) => `
services:
  web:
    image: ${images}/web:${version % 2}
    init: true
    environment: { VERSION: "${version}" }
    command: ["sh", "-c", "echo version $$VERSION > /www/index.html; exec httpd -f -p 8080 -h /www"]
    deploy: { replicas: 2 }
    x-skerry:
      routes: [{ host: shop.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 1s }
  db:
    image: ${images}/web:0
    init: true
    environment: { VERSION: "${version}" }
    command: ["sh", "-c", "while :; do echo tick; sleep 1; done"]
    secrets: [token]
    volumes: ["data:/data"]
  client:
    image: ${images}/web:0
    init: true
    command: ["sleep", "100000"]
volumes: { data: {} }
secrets: { token: { external: true } }
`;

/** What somebody beside the box knows of it: what was acknowledged, and what was tried since. */
export interface Known {
  readonly version: number;
  /** Versions that the box may be at. */
  readonly possible: readonly number[];
  readonly secretNumber: number;
  /** What the next apply may give containers. */
  readonly stored: readonly string[];
  /** What containers may have. */
  readonly secrets: readonly string[];
  /** Written and synced, or only tried. */
  readonly lines: readonly { readonly text: string; readonly acknowledged: boolean }[];
}

export interface Plant {
  readonly lab: Lab;
  readonly box: Box;
  /** Makes the images, sets the secret, applies version 0 and waits until all of it is there. */
  prepare(): Promise<void>;
  /** A line into the volume, synced; acknowledged where the command says so. */
  writeLine(): Promise<CommandResult>;
  /** A new value for the secret. */
  setSecret(): Promise<CommandResult>;
  /** What the next version needs beside what is there; another one at each version. */
  nextImage(): string;
  /** The next version, by `skerry apply` with these options; at its end the version may be asked for. */
  applyNext(...options: readonly string[]): Promise<CommandResult>;
  /** Runs a command in a container of a service. */
  inside(service: string, ...argv: readonly string[]): Promise<CommandResult>;
  /** What a browser beside the box gets; empty: no answer. */
  page(): Promise<string>;
  /** Waits until the box is as wanted, and says what is not at the deadline. */
  check(settleMs?: number): Promise<Findings>;
  known(): Known;
  /** The box is back where this was known. */
  recall(known: Known): void;
  close(): Promise<void>;
}

export interface PlantOptions extends BoxOptions {
  /** Is called with the lab's box before anything runs on it. */
  readonly before?: (box: Box) => Promise<void>;
  /** The images lie in a registry beside the box, and are pulled from it. */
  readonly registry?: boolean;
}

export async function createPlant(options: PlantOptions = {}): Promise<Plant> {
  const images = options.registry === true ? REGISTRY : "localhost";
  const lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const laptop = lab.host("laptop");
  const box = createBox(lab.host("box"), {
    ...options,
    env: { ...options.env, SKERRY_INSECURE_REGISTRIES: REGISTRY },
  });
  try {
    await options.before?.(box);
  } catch (thrown) {
    await lab.close();
    throw thrown;
  }

  let known: Known = {
    ...{ version: 0, possible: [0], lines: [] },
    ...{ secretNumber: 0, stored: ["secret-0"], secrets: ["secret-0"] },
  };
  const learn = (more: Partial<Known>) => known = { ...known, ...more };

  // By Podman: what is looked at often is not to cost a program of ours each time.
  const inside: Plant["inside"] = async (service, ...argv) => {
    const views = await containersOf(box, PROJECT);
    const id = views.find((view) => view.service === service)?.container?.id;
    if (id === undefined) return { code: 1, stdout: "", stderr: `no container of ${service}` };
    return await box.podman.run(["exec", id, ...argv]);
  };

  const page = async () => {
    const ask = ["curl", "-s", "--max-time", "3", "-H", "Host: shop.test", `http://${BOX}/`];
    return (await laptop.run(ask)).stdout.trim();
  };

  async function namesWrong(): Promise<readonly string[]> {
    const views = await containersOf(box, PROJECT);
    const due = views.filter((view) => view.service === "web")
      .flatMap((view) => view.addresses).sort();
    const looked = (await inside("client", "nslookup", "web.shop.internal")).stdout;
    const body = looked.slice(looked.indexOf("Name:"));
    const found = [...body.matchAll(/Address[^:]*: (10\.200\.9\.\d+)/g)].map((m) => m[1]);
    const seen = [...new Set(found)].sort();
    return seen.join() === due.join() ? [] : [`web.shop.internal leads to ${seen}, not to ${due}`];
  }

  /** Cheap to ask, and nothing is right before it holds. */
  async function ripe(): Promise<boolean> {
    const views = await containersOf(box, PROJECT);
    return views.length === CONTAINERS && views.every(({ stage }) => stage === "running") &&
      await page() !== "";
  }

  async function look(): Promise<Findings> {
    const { possible, secrets, stored, lines } = known;
    const lost: string[] = [];
    const wrong = [...await inconsistencies(box, PROJECT, WANTED)];
    // Nothing below can be right before the containers are.
    if (wrong.length > 0) return { lost, wrong };
    const seen = await page();
    const number = Number(/^version (\d+)$/.exec(seen)?.[1] ?? "-1");
    if (!possible.includes(number)) {
      (number >= 0 ? lost : wrong).push(`the page is "${seen}", not one of ${possible}`);
    }
    wrong.push(...await namesWrong());
    const read = "cat /run/secrets/token || exit 1; echo; cat /data/log 2>/dev/null; true";
    const { code, stdout, stderr } = await inside("db", "sh", "-c", read);
    const [token = "", ...log] = stdout.split("\n");
    if (code !== 0) wrong.push(`secret and volume cannot be read: ${stderr.trim()}`);
    else {
      if (!secrets.includes(token)) lost.push(`the secret is "${token}", not one of ${secrets}`);
      const kept = new Set(log);
      for (const { text, acknowledged } of lines) {
        if (acknowledged && !kept.has(text)) lost.push(`"${text}" is not in the volume`);
      }
    }
    if (lost.length + wrong.length === 0) {
      // What was not acknowledged may have been taken over all the same, for good.
      learn({ possible: [number], secrets: union([token], stored) });
    }
    return { lost, wrong };
  }

  return {
    lab,
    box,
    inside,
    page,
    async prepare() {
      await box.image("web:0");
      await box.image("web:1");
      if (options.registry === true) await moveToRegistry(box, laptop);
      await box.must(["secret", "set", "token", "-p", PROJECT], { stdin: "secret-0" });
      const folder = await box.project(PROJECT, compose(0, images));
      await box.must(["apply", "--wait"], { cwd: folder });
    },
    async writeLine() {
      const { lines } = known;
      const text = `line ${lines.length + 1}`;
      const result = await inside("db", "sh", "-c", `echo ${text} >> /data/log && sync`);
      learn({ lines: [...lines, { text, acknowledged: result.code === 0 }] });
      return result;
    },
    async setSecret() {
      const secretNumber = known.secretNumber + 1;
      const value = `secret-${secretNumber}`;
      const tried = [value];
      learn({
        ...{ secretNumber, stored: union(known.stored, tried) },
        secrets: union(known.secrets, tried),
      });
      const result = await box.run(["secret", "set", "token", "-p", PROJECT], { stdin: value });
      if (result.code === 0) learn({ stored: tried });
      return result;
    },
    nextImage: () => `${images}/web:${(known.version + 1) % 2}`,
    async applyNext(...options) {
      const version = known.version + 1;
      learn({ version, possible: union(known.possible, [version]) });
      const folder = await box.project(PROJECT, compose(version, images));
      const result = await box.run(["apply", ...options], { cwd: folder });
      if (result.code === 0) learn({ possible: [version], secrets: known.stored });
      return result;
    },
    async check(settleMs = SETTLE_MS) {
      const end = performance.now() + settleMs;
      for (;;) {
        if (performance.now() < end && !await ripe().catch(() => false)) {
          await delay(200);
          continue;
        }
        const findings = await look().catch((thrown): Findings => ({
          lost: [],
          wrong: [thrown instanceof Error ? thrown.message : String(thrown)],
        }));
        if (findings.lost.length + findings.wrong.length === 0) return findings;
        if (performance.now() > end) return findings;
        await delay(200);
      }
    },
    known: () => known,
    recall(then) {
      known = then;
    },
    async close() {
      await box.close();
      await lab.close();
    },
  };
}

const union = <T>(one: readonly T[], other: readonly T[]) => [...new Set([...one, ...other])];

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Debian's registry on another host, with the images; on the box none is left. */
async function moveToRegistry(box: Box, laptop: LabHost): Promise<void> {
  const config = `${laptop.dir}/registry.yml`;
  await Deno.writeTextFile(
    config,
    `version: 0.1\nstorage: { filesystem: { rootdirectory: ${laptop.dir}/registry } }\n` +
      `http: { addr: "${REGISTRY}" }\n`,
  );
  laptop.spawn(["docker-registry", "serve", config]);
  await until("the registry (apt-get install docker-registry)", async () => {
    const ask = ["curl", "-s", "--max-time", "3", `http://${REGISTRY}/v2/`];
    return (await laptop.run(ask)).code === 0;
  }, 30_000);
  for (const name of ["web:0", "web:1"]) {
    await box.podman.must([
      "push",
      "--tls-verify=false",
      `localhost/${name}`,
      `${REGISTRY}/${name}`,
    ]);
    await box.podman.must(["rmi", "--force", `localhost/${name}`]);
  }
}
