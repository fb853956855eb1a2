/** Doctor on a box on which things are broken one after the other; its archive; Podman by hand. */
import assert from "node:assert/strict";
import { z } from "zod";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const Findings = z.array(z.object({
  what: z.string(),
  state: z.enum(["ok", "warning", "bad"]),
  found: z.string(),
  remedy: z.string().nullable(),
}));
const SECRET = "pl4nted-s3cret-value";
const COMPOSE = `
name: shop
services:
  web:
    image: localhost/web:1
    init: true
    command: ["sleep", "100000"]
    environment: { PLAIN_WORD: ${SECRET}-env }
    labels: { note: ${SECRET}-label }
    stop_grace_period: 1s
`;

Deno.test("doctor names what is broken, and what mends it", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const host = lab.host("box");
  const box = createBox(host);
  const doctor = async () => {
    const { code, stdout } = await box.run(["doctor", "-o", "json"]);
    return { code, findings: Findings.parse(JSON.parse(stdout)) };
  };
  const finding = async (what: string, state: string) => {
    const { findings } = await doctor();
    const found = findings.find((each) => each.what === what && each.state === state);
    assert.ok(found, `${what} is not ${state}: ${JSON.stringify(findings)}`);
    return found;
  };
  try {
    const up = await box.start();
    await box.image("web:1");
    await box.must(["apply", "--wait"], { cwd: await box.project("shop", COMPOSE) });

    await test.step("on a sound box nothing is bad", async () => {
      const { code, findings } = await doctor();
      assert.deepEqual(findings.filter(({ state }) => state === "bad"), []);
      assert.equal(code, 0);
      assert.match((await finding("runtime", "ok")).found, /\/(runc|crun), \d+\.\d+/);
    });

    await test.step("a key that others may read, until the remedy was run", async () => {
      await host.must(["chmod", "0644", box.layout.controlDatabase]);
      const found = await finding("permissions", "bad");
      assert.match(found.found, /control\.db: others may use it \(mode 644\)/);
      assert.equal((await doctor()).code, 1);
      const [program = "", ...args] = (found.remedy ?? "").split(" ");
      await host.must([program, ...args]);
      await finding("permissions", "ok");
    });

    await test.step("a firewall that drops what is forwarded", async () => {
      const drops = "table inet theirs {\nchain passing {\n" +
        "type filter hook forward priority 0; policy drop;\n}\n}\n";
      await host.must(["nft", "-f", "-"], { stdin: drops });
      assert.match((await finding("other firewalls", "warning")).found, /inet theirs passing/);
      await host.must(["nft", "delete", "table", "inet", "theirs"]);
    });

    await test.step("Podman by hand sees this Skerry's containers, and its exit code is passed on", async () => {
      const listed = await box.must(["podman", "--", "ps", "--format", "{{.Names}}"]);
      assert.match(listed, /shop[-.]web/);
      assert.equal((await box.run(["podman", "--", "container", "exists", "nowhere"])).code, 1);
    });

    await test.step("the archive holds no secret", async () => {
      await box.must(["secret", "set", "token", "-p", "shop"], { stdin: `${SECRET}-stored\n` });
      const file = `${host.dir}/support.tar.gz`;
      const { stderr } = await box.run(["doctor", "--bundle", file]);
      assert.match(stderr, /api\/services\/shop\/web\.json/);
      await host.must(["mkdir", `${host.dir}/unpacked`]);
      await host.must(["tar", "-xzf", file, "-C", `${host.dir}/unpacked`]);
      const grep = await host.run(["grep", "-r", SECRET, `${host.dir}/unpacked`]);
      assert.equal(grep.code, 1, grep.stdout);
      const found = await host.must(["grep", "-rl", "localhost/web:1", `${host.dir}/unpacked`]);
      assert.match(found, /services/);
    });

    await test.step("without the daemon it says so, and who took its port", async () => {
      up.kill("SIGTERM");
      await up.status;
      const { findings } = await doctor();
      assert.ok(findings.some(({ what, state }) => what === "skerry up" && state === "warning"));
      host.spawn(["socat", "TCP-LISTEN:7443,bind=127.0.0.1,fork,reuseaddr", "/dev/null"]);
      await until("socat", async () => (await host.run(["ss", "-lnt"])).stdout.includes(":7443"));
      assert.match((await finding("port 7443", "bad")).found, /^socat \(pid \d+\) listens there$/);
    });

    await test.step("a damaged database", async () => {
      const path = box.layout.controlDatabase;
      await host.must(["dd", "if=/dev/zero", `of=${path}`, "bs=64", "count=1", "conv=notrunc"]);
      assert.match((await finding("database", "bad")).found, /is damaged/);
    });
  } catch (thrown) {
    throw new Error(box.text().slice(-4_000), { cause: thrown });
  } finally {
    await box.close();
  }
});
