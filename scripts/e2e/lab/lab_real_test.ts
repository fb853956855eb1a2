import assert from "node:assert/strict";
import { createLab } from "./lab.ts";
import { sweepLabs } from "./leftovers.ts";
import { importBusybox } from "./image.ts";
import { createLabPodman } from "./podman.ts";
import { until } from "./program.ts";

const LAN = "plant";
const hosts = [
  {
    name: "box",
    links: [{ lan: LAN, address: "198.18.0.1/24" }],
    routes: [{ to: "default", via: "198.18.0.2" }],
  },
  { name: "laptop", links: [{ lan: LAN, address: "198.18.0.2/24" }] },
];

async function leftOf(tag: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const folder of ["/tmp", "/run/netns"]) {
    for await (const { name } of Deno.readDir(folder)) if (name.includes(tag)) names.push(name);
  }
  return names;
}

Deno.test("two hosts on one LAN reach each other until the link is taken", async () => {
  await using lab = await createLab({ hosts });
  const box = lab.host("box");
  const answers = async () =>
    (await box.run(["busybox", "ping", "-c1", "-W1", "198.18.0.2"])).code === 0;
  await until("an answer", answers);
  await lab.setLink("laptop", 0, false);
  assert.equal(await answers(), false);
  await lab.setLink("laptop", 0, true);
  await until("an answer again", answers);
  assert.match(await box.must(["ip", "route"]), /^default via 198\.18\.0\.2/m);
});

Deno.test("settings, environment and folder are the host's own", async () => {
  await using lab = await createLab({ hosts });
  const box = lab.host("box");
  await box.settings.write("net/ipv4/ip_forward", "1");
  assert.equal(await box.settings.read("net/ipv4/ip_forward"), "1");
  assert.equal(await lab.host("laptop").settings.read("net/ipv4/ip_forward"), "0");
  const out = await box.must(["printenv", "GREETING"], { env: { GREETING: "moin" }, cwd: box.dir });
  assert.equal(out, "moin\n");
  assert.equal(await box.must(["pwd"], { cwd: box.dir }), `${box.dir}\n`);
});

Deno.test("a program in a host is seen, waited for and stopped by its own pid", async () => {
  await using lab = await createLab({ hosts });
  const server = lab.host("box").spawn(["socat", "-d", "-d", "TCP-LISTEN:80,fork", "EXEC:cat"]);
  await server.waitFor(/listening/);
  assert.equal((await Deno.readTextFile(`/proc/${server.pid}/comm`)).trim(), "socat");
  const answer = await lab.host("laptop").must(["socat", "-", "TCP:198.18.0.1:80"], {
    stdin: "moin",
  });
  assert.equal(answer, "moin");
  await server.stop();
});

Deno.test("containers run in a host, and nothing is left of them after the lab", async () => {
  const lab = await createLab({ hosts });
  try {
    const podman = await createLabPodman(lab.host("box"));
    await importBusybox(podman, "localhost/busybox:1");
    await podman.must(["run", "-d", "--name", "c", "localhost/busybox:1", "sleep", "1000"]);
    assert.match(await podman.must(["exec", "c", "ip", "addr"]), /eth0/);
  } finally {
    await lab.close();
  }
  assert.deepEqual(await leftOf(lab.tag), []);
});

Deno.test("what a killed run left is removed by the next one", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", new URL("./crash_fixture.ts", import.meta.url).pathname],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const tag = new TextDecoder().decode(value).trim();
  assert.match(tag, /^[0-9]+-[0-9a-f]{6}$/);
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  assert.notDeepEqual(await leftOf(tag), []);
  await sweepLabs();
  assert.deepEqual(await leftOf(tag), []);
});
