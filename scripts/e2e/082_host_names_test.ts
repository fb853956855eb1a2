/** The host's own programs find internal names by systemd-resolved, without anything to be set up. */
import assert from "node:assert/strict";
import { z } from "zod";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { requirePrograms } from "./lab/leftovers.ts";
import { until } from "./lab/program.ts";
import { createLabResolved } from "./lab/resolved.ts";

const COMPOSE = `
name: shop
services:
  web:
    image: localhost/web:1
    init: true
    command: ["httpd", "-f", "-p", "8080", "-h", "/www"]
    stop_grace_period: 1s
    x-skerry: { health: { http: /index.html, port: 8080, interval: 1s } }
`;
const NAME = "web.shop.internal";
const Findings = z.array(z.object({
  what: z.string(),
  state: z.string(),
  found: z.string(),
  remedy: z.string().nullable(),
}));
const WITHIN_MS = 90_000;

Deno.test("the host's own programs find internal names", async (test) => {
  await requirePrograms({ dnsmasq: "dnsmasq" });
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] },
      { name: "server", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const host = lab.host("box");
  const resolved = await createLabResolved(host, "198.18.0.2");
  // The plant's own server: it knows a name of its own, and would answer for ours, too.
  const plant = lab.host("server").spawn([
    ...["dnsmasq", "--no-daemon", "--no-resolv", "--no-hosts", "--log-queries", "--log-facility=-"],
    ...["--listen-address=198.18.0.2", "--bind-interfaces", "--address=/#/1.2.3.4"],
  ]);
  const box = createBox(host);
  const asked = async (name: string) => {
    const { stdout } = await host.run(["getent", "ahostsv4", name], { timeoutMs: 30_000 });
    return stdout.split(/\s/)[0] ?? "";
  };
  const links = async () => await host.must(["ip", "-br", "link"]);
  const doctor = async () => {
    const { stdout } = await box.run(["doctor", "-o", "json"]);
    const finding = Findings.parse(JSON.parse(stdout)).find(({ what }) =>
      what === "names on the host"
    );
    assert.ok(finding, stdout);
    return finding;
  };
  try {
    await resolved.start();
    await resolved.useAsResolver();
    let up = await box.start();
    await box.image("web:1", { "www/index.html": "hello\n" });
    await box.must(["apply", "--wait"], { cwd: await box.project("shop", COMPOSE) });
    const leads = async () => /^10\.200\.9\.\d+$/.test(await asked(NAME));
    await test.step("by their names, like all others; the rest goes to the plant's server", async () => {
      await until(NAME, leads, WITHIN_MS);
      const page = await host.must(["curl", "-s", "--max-time", "5", `http://${NAME}:8080/`]);
      assert.equal(page, "hello\n");
      assert.equal(await asked("files.plant.example"), "1.2.3.4");
      assert.doesNotMatch(plant.text(), /\.internal/, "nothing of ours is asked outside");
      const { state, found } = await doctor();
      assert.deepEqual([state, found], ["ok", "*.internal is resolved"]);
    });

    await test.step("a new start of resolved that forgot everything is told again", async () => {
      await resolved.stop(false);
      await resolved.start();
      await until(NAME, leads, WITHIN_MS);
    });

    await test.step("after a SIGKILL of skerry up the next one goes on, and its end undoes it", async () => {
      up.kill("SIGKILL");
      await up.status;
      up = await box.start();
      await until(NAME, leads, WITHIN_MS);
      assert.match(await links(), /-r[@ ]/);
      up.kill("SIGTERM");
      await up.status;
      assert.doesNotMatch(await links(), /-r[@ ]|-rp[@ ]/);
      assert.doesNotMatch(await resolved.ctl("domain"), /internal/);
    });
  } catch (thrown) {
    throw new Error(box.text().slice(-6_000), { cause: thrown });
  } finally {
    await box.close();
  }
});
