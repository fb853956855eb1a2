/**
 * Bad input and faults: each gets an exit code and a message that names the thing and the way out,
 * and a service that runs goes on answering all the while.
 */
import assert from "node:assert/strict";
import { type Box, createBox } from "./box.ts";
import { containersOf, inconsistencies } from "./consistency.ts";
import type { LabHost } from "./lab/host.ts";
import { createLab } from "./lab/lab.ts";
import { requirePrograms } from "./lab/leftovers.ts";
import type { LabProcess } from "./lab/process.ts";
import { until } from "./lab/program.ts";

const BOX = "198.18.0.1";
const REGISTRY_PORT = 5000;
const HANGING_PORT = 5001;
const LOCKED_PORT = 5002;

const shop = (version: string) => `
services:
  web:
    image: localhost/web:1
    init: true
    environment: { VERSION: "${version}" }
    command: ["sh", "-c", "echo $$VERSION > /www/index.html; exec httpd -f -p 8080 -h /www"]
    x-skerry:
      routes: [{ host: shop.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 1s }
`;

const sleeper = (image: string, more = "") => `
services:
  job:
    image: ${image}
    init: true
    command: ["sleep", "100000"]
${more}`;

const pages = (more: string) =>
  sleeper("localhost/web:1", more)
    .replace('["sleep", "100000"]', '["httpd", "-f", "-p", "8080", "-h", "/www"]');

/** A registry of Debian's docker-registry on the host itself. */
async function startRegistry(host: LabHost, port: number, locked: boolean): Promise<LabProcess> {
  const dir = `${host.dir}/registry-${port}`;
  await Deno.mkdir(dir, { recursive: true });
  await Deno.writeTextFile(`${dir}/htpasswd`, "nobody:$2y$05$notahashnotahashnotaha\n");
  const auth = locked ? `auth: { htpasswd: { realm: plant, path: ${dir}/htpasswd } }\n` : "";
  await Deno.writeTextFile(
    `${dir}/config.yml`,
    `version: 0.1\nstorage: { filesystem: { rootdirectory: ${dir}/data } }\n` +
      `http: { addr: "127.0.0.1:${port}" }\n${auth}`,
  );
  const process = host.spawn(["docker-registry", "serve", `${dir}/config.yml`]);
  await until("the registry", async () => {
    return (await host.run(["curl", "-s", `http://127.0.0.1:${port}/v2/`])).code === 0;
  });
  return process;
}

Deno.test("bad input and faults", async (test) => {
  await requirePrograms({ "docker-registry": "docker-registry", socat: "socat" });
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const laptop = lab.host("laptop");
  const host = lab.host("box");
  const box = createBox(host);
  const page = async () => {
    const ask = ["curl", "-s", "--max-time", "3", "-H", "Host: shop.test", `http://${BOX}/`];
    return (await laptop.run(ask)).stdout.trim();
  };
  const answers = (version: string, timeoutMs = 60_000) =>
    until(`the page to say "${version}"`, async () => await page() === version, timeoutMs)
      .catch(async (thrown) => {
        throw new Error(`it said "${await page()}"\n${box.text().slice(-5_000)}`, {
          cause: thrown,
        });
      });

  /** Runs a command that must fail, with `code` where one is given, and whose message must match all patterns. */
  async function refused(
    code: number | null,
    args: readonly string[],
    options: { cwd?: string; stdin?: string },
    ...patterns: RegExp[]
  ): Promise<string> {
    const result = await box.run(args, options);
    const text = result.stderr + result.stdout;
    const shown = text.slice(0, 3_000);
    assert.equal(
      result.code,
      code ?? (result.code === 2 ? 2 : 1),
      `${args.slice(0, 4).join(" ").slice(0, 200)}: ${shown}`,
    );
    for (const pattern of patterns) assert.match(text, pattern, shown);
    assert.ok(text.length < 20_000, `a message of ${text.length} characters`);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(text, /[\x00-\x08\x0b-\x1f]|^\s+at .*\.ts:\d/m, shown);
    return text;
  }
  const project = (name: string, compose: string) => box.project(name, compose);
  /** As refused, for a compose file by `apply`. */
  async function file(name: string, compose: string, ...patterns: RegExp[]): Promise<void> {
    const cwd = await project(name, compose);
    await refused(1, ["apply"], { cwd }, ...patterns);
    assert.deepEqual(await containersOf(box, name), []);
  }
  async function describes(of: Box, project: string, pattern: RegExp): Promise<void> {
    let text = "";
    await until(`describe to say ${pattern}`, async () => {
      text = (await of.run(["describe", "service", "job", "-p", project])).stdout;
      return pattern.test(text);
    }, 60_000).catch((thrown) => {
      throw new Error(`it says: ${text}\n${of.text().slice(-4_000)}`, { cause: thrown });
    });
  }
  const serves = async (version: string) => {
    const wrong = await inconsistencies(box, "shop", { web: 1 });
    return wrong.every((line) => line.startsWith("Podman has")) && await page() === version;
  };
  const enginePid = async (path: string) => {
    const text = await Deno.readTextFile(path).catch(() => "{}");
    return Number(JSON.parse(text).pid ?? 0);
  };
  const podmanPid = () => enginePid(`${box.layout.podmanDir}/service.json`);
  const traefikPid = () => enginePid(`${box.layout.traefikDir}/engine.json`);

  try {
    let up = await box.start();
    await box.image("web:1");
    await box.must(["apply", "--wait"], { cwd: await project("shop", shop("one")) });
    assert.equal(await page(), "one");

    await test.step("files: an unknown key, not YAML, a bomb, 10 MB", async () => {
      await file(
        "unknown",
        "services:\n  job:\n    imagee: x:1\n",
        /compose\.yaml:3:5: .*imagee/,
        /image/,
      );
      await file("nottext", "services: [\n", /compose\.yaml:\d+:\d+/);
      await file("latin", "services: &a [*a]\n", /compose\.yaml:\d+:\d+/);
      const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
      for (let level = 1; level < 12; level += 1) {
        const before = Array.from({ length: 9 }, () => `*a${level - 1}`).join(", ");
        bomb.push(`a${level}: &a${level} [${before}]`);
      }
      await file(
        "bomb",
        `${bomb.join("\n")}\nservices: *a11\n`,
        /compose\.yaml.*(alias|large|many)/,
      );
      await file(
        "huge",
        sleeper("localhost/web:1") + "#".repeat(10 << 20),
        /compose\.yaml/,
        /1048\d{4}|10 MB|10 MiB/,
        /at most/,
      );
      assert.equal(await page(), "one");
    });

    await test.step("names with dots, quotes, line breaks and 300 characters", async () => {
      const names = ["../etc", 'a"b', "a\nb", "x".repeat(300), "", "-rf", "a b", "a/../../b"];
      for (const name of names) {
        const compose = sleeper("localhost/web:1").replace("  job:", `  ${JSON.stringify(name)}:`);
        await file("names", compose, /compose\.yaml:3:3: /, /lower|letters|characters|name/i);
        const cwd = await project("names", sleeper("localhost/web:1"));
        if (name === "") continue;
        await refused(1, ["apply", `--project=${name}`], { cwd }, /project name "/, /write /);
        for (
          const args of [
            ["get", "containers", `--project=${name}`],
            ["delete", `--project=${name}`],
            ["secret", "set", "--project=shop", "--", name],
            ["exec", "--project=shop", "--", name, "true"],
            ["describe", "service", "--project=shop", "--", name],
            ["logs", "--project=shop", "--", name],
          ]
        ) {
          const shown = name.slice(0, 20).replaceAll("\n", "\\n").replaceAll('"', '\\"');
          const text = await refused(null, args, { stdin: "x" });
          assert.ok(text.includes(shown), `${args.join(" ")}: ${text}`);
        }
      }
      assert.equal(await page(), "one");
    });

    await test.step("ports: the ingress's, another project's, another program's", async () => {
      await file(
        "ingress",
        sleeper("localhost/web:1", '    ports: ["80:80"]\n'),
        /port 80\b/,
        /x-skerry: \{ routes: \[\{ path: "\/", port: 80 \}\] \}/,
      );
      const first = await project("first", pages('    ports: ["8100:8080"]\n'));
      await box.must(["apply", "--wait"], { cwd: first });
      await file(
        "second",
        sleeper("localhost/web:1", '    ports: ["8100:80"]\n'),
        /port 8100\/tcp/,
        /service "job" of project "first"/,
        /another port/,
      );
      await box.must(["delete", "-p", "first", "--wait"]);

      const holder = host.spawn(["socat", "TCP-LISTEN:8101,fork,reuseaddr", "EXEC:echo other"]);
      await until("socat", async () => {
        return (await host.run(["socat", "-u", "OPEN:/dev/null", "TCP:127.0.0.1:8101"])).code === 0;
      });
      const third = await project(
        "third",
        pages('    ports: ["8101:8080"]\n'),
      );
      await box.run(["apply"], { cwd: third });
      await describes(box, "third", /8101.*(socat|taken|held)/);
      assert.equal(await page(), "one");
      await holder.stop();
      await until("the port to be ours", async () => {
        const ask = ["curl", "-s", "--max-time", "2", `http://${BOX}:8101/`];
        return (await laptop.run(ask)).stdout.trim() === "busybox";
      }, 60_000);
      await box.must(["delete", "-p", "third", "--wait"]);
    });

    await test.step("images: not there, a registry that hangs, one that is gone, unauthorized", async () => {
      const registry = await startRegistry(host, REGISTRY_PORT, false);
      const locked = await startRegistry(host, LOCKED_PORT, true);
      const silent = host.spawn([
        ...["socat", `TCP-LISTEN:${HANGING_PORT},fork,reuseaddr`, "EXEC:sleep 1000"],
      ]);
      const name = `127.0.0.1:${REGISTRY_PORT}/tools/busybox:1`;
      await box.podman.must(["tag", "localhost/web:1", name]);
      await box.podman.must(["push", "--tls-verify=false", name]);
      await box.podman.must(["rmi", name]);
      const missing = [
        [
          `127.0.0.1:${REGISTRY_PORT}/tools/busybox:none`,
          /busybox:none" .*cannot be had.*does not know it/,
        ],
        [
          `127.0.0.1:${REGISTRY_PORT}/nothing/here:1`,
          /nothing\/here:1" .*cannot be had.*does not know it/,
        ],
        [`127.0.0.1:${LOCKED_PORT}/tools/busybox:1`, /5002\S+" .*cannot be had.*without a login/],
        ["Not A/Reference", /"Not A\/Reference" cannot be "image"/],
      ] as const;
      for (const [image, pattern] of missing) {
        const cwd = await project("images", sleeper(image));
        await refused(1, ["apply", "--wait"], { cwd }, pattern, /log ?in|such as/);
        assert.equal(await page(), "one");
      }
      // A registry that cannot be asked now may answer later: that is a warning, and a reason.
      const later = [
        ["127.0.0.1:5009/tools/busybox:1", /5009.*(refused|registry)/i],
        [`127.0.0.1:${HANGING_PORT}/tools/busybox:1`, /5001/],
      ] as const;
      for (const [image, pattern] of later) {
        const cwd = await project("images", sleeper(image));
        const { code, stdout, stderr } = await box.run(["apply"], { cwd });
        assert.equal(code, 0, stderr);
        assert.match(stdout + stderr, new RegExp(`${image}" could not be looked up`));
        await describes(box, "images", pattern);
        assert.equal(await page(), "one");
      }
      // While one pull hangs, another goes through.
      await box.must(["apply", "--wait"], { cwd: await project("other", sleeper(name)) });
      await box.must(["delete", "-p", "other", "--wait"]);
      const cwd = await project("images", sleeper(name));
      await box.must(["apply", "--wait"], { cwd });
      // The image is here now: its registry may go.
      await registry.stop();
      await box.must(["apply", "--wait"], {
        cwd: await project("images", sleeper(name, "    hostname: two\n")),
      });
      await box.must(["delete", "-p", "images", "--wait"]);
      for (const process of [locked, silent]) await process.stop();
    });

    await test.step("a second skerry on the same home", async () => {
      for (const verb of ["up", "agent", "control"]) {
        await refused(
          1,
          [verb],
          {},
          /another Skerry already runs on/,
          new RegExp(`process ${up.pid}\\b`),
          /SKERRY_HOME/,
        );
      }
      assert.equal(await page(), "one");
    });

    await test.step("the last-good intent is garbage: the one before serves, and it is said", async () => {
      await box.must(["apply", "--wait"], { cwd: await project("shop", shop("two")) });
      await up.stop();
      await Deno.writeTextFile(`${box.layout.lastGood}/current.json`, '{"half": "a fi');
      const alone = await box.start("agent");
      await alone.waitFor(/last-good is damaged.*current\.json/, 30_000);
      await alone.waitFor(/"message":"intent"/, 30_000);
      assert.match(await page(), /^(one|two)$/);
      await alone.stop();
      up = await box.start();
      await up.waitFor(/last-good is damaged.*current\.json/, 30_000);
      await until("the newest to serve", () => serves("two"), 60_000);
      // Both: all comes anew from the control plane.
      await up.stop();
      for (const name of ["current", "previous"]) {
        await Deno.writeTextFile(`${box.layout.lastGood}/${name}.json`, "\0\0\0");
      }
      up = await box.start();
      await until("the newest to serve", () => serves("two"), 60_000);
      await box.must(["apply", "--wait"], { cwd: await project("shop", shop("three")) });
      assert.equal(await page(), "three");
    });

    await test.step("the database is garbage: it is named, the agent alone goes on", async () => {
      await up.stop();
      const path = box.layout.controlDatabase;
      for (const suffix of ["", "-wal", "-shm"]) {
        await Deno.rename(path + suffix, `${path}.kept${suffix}`).catch(() => undefined);
      }
      await Deno.writeTextFile(path, "not a database ".repeat(1_000));
      for (const verb of ["up", "control"]) {
        await refused(1, [verb], {}, /control\.db" is damaged/, /backup|move/, /containers/);
      }
      assert.equal(await page(), "three");
      const alone = await box.start("agent");
      await alone.waitFor(/"message":"intent"/, 30_000);
      await refused(1, ["get", "services"], {}, /skerry up/);
      await box.podman.must(["kill", "--all"]);
      await answers("three");
      await alone.stop();
      for (const suffix of ["", "-wal", "-shm"]) {
        await Deno.rename(`${path}.kept${suffix}`, path + suffix).catch(() => undefined);
      }
      up = await box.start();
      await until("all to be well", () => serves("three"), 60_000);
    });

    await test.step("Podman's socket is removed", async () => {
      await Deno.remove(box.layout.podmanSocket);
      await box.must(["apply", "--wait"], { cwd: await project("shop", shop("four")) });
      assert.equal(await page(), "four");
      await up.waitFor(/started anew.*socket is gone/);
    });

    await test.step("Podman's service hangs: it is said, and started anew", async () => {
      const pid = await podmanPid();
      Deno.kill(pid, "SIGSTOP");
      await up.waitFor(/Podman.*(does not answer|no answer)|no answer on.*podman/, 90_000);
      assert.equal(await page(), "four");
      await until("skerry to say so", async () => {
        const text = (await box.run(["get", "nodes"])).stdout;
        return /Podman|podman/.test(text) || await podmanPid() !== pid;
      }, 60_000);
      await until("another service", async () => await podmanPid() !== pid, 120_000);
      await box.must(["apply", "--wait"], { cwd: await project("shop", shop("five")) });
      assert.equal(await page(), "five");
      // A short stall is waited out.
      const next = await podmanPid();
      Deno.kill(next, "SIGSTOP");
      const applying = box.run(["apply", "--wait"], { cwd: await project("shop", shop("six")) });
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      Deno.kill(next, "SIGCONT");
      const result = await applying;
      assert.equal(result.code, 0, result.stderr + result.stdout);
      assert.equal(await page(), "six");
      assert.equal(await podmanPid(), next);
    });

    await test.step("Traefik is killed: it is said, and back", async () => {
      const pid = await traefikPid();
      Deno.kill(pid, "SIGKILL");
      await answers("six");
      assert.notEqual(await traefikPid(), pid);
      // Where another program took its port meanwhile, that is said until it is free again.
      up.kill("SIGSTOP");
      Deno.kill(await traefikPid(), "SIGKILL");
      const thief = host.spawn(["socat", "TCP-LISTEN:80,fork,reuseaddr,retry=50", "EXEC:false"]);
      await until("the thief", async () => {
        return /:80\b.*socat/.test((await host.run(["ss", "-ltnp"])).stdout);
      });
      up.kill("SIGCONT");
      let said = "";
      await until("it to be said", async () => {
        said = (await box.run(["describe", "service", "web", "-p", "shop"])).stdout +
          (await box.run(["get", "nodes"])).stdout;
        return /cannot listen on 0\.0\.0\.0:80: "socat"/.test(said);
      }, 60_000).catch((thrown) => {
        throw new Error(`${said}\n${box.text().slice(-3_000)}`, { cause: thrown });
      });
      await thief.stop();
      await answers("six");
    });

    await test.step("all is as it should be in the end", async () => {
      let wrong: readonly string[] = [];
      await until("the box to be as wanted", async () => {
        wrong = await inconsistencies(box, "shop", { web: 1 });
        return wrong.length === 0;
      }, 60_000).catch((thrown) => {
        throw new Error(wrong.join("\n"), { cause: thrown });
      });
    });
  } finally {
    await box.close();
  }
});
