/** What doctor says for dnsmasq, written down and given to dnsmasq itself. */
import assert from "node:assert/strict";
import { createLab } from "../../scripts/e2e/lab/lab.ts";
import { requirePrograms } from "../../scripts/e2e/lab/leftovers.ts";
import { until } from "../../scripts/e2e/lab/program.ts";
import { type HostNames, hostNamesFindings, readResolvConf } from "./host_names.ts";

const NAMES: HostNames = {
  zone: "internal",
  dnsPort: 7453,
  bridge: "sk-sample",
  resolver: "dnsmasq",
  resolves: false,
  resolvConf: readResolvConf("nameserver 127.0.0.1\n"),
  nssResolve: false,
};
const PLAIN = ["dnsmasq", "--no-daemon", "--no-resolv", "--no-hosts", "--conf-file=/dev/null"];

Deno.test("doctor's lines for dnsmasq lead the zone to us, all else on, and leave us the bridge's port", async () => {
  await requirePrograms({ dnsmasq: "dnsmasq", dig: "bind9-dnsutils" });
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] },
      { name: "server", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const box = lab.host("box");
  await box.must(["ip", "link", "add", NAMES.bridge, "type", "bridge"]);
  await box.must(["ip", "address", "add", "10.200.9.1/24", "dev", NAMES.bridge]);
  await box.must(["ip", "link", "set", NAMES.bridge, "up"]);
  const ours = (address: string, port: number) => [
    ...[...PLAIN, `--listen-address=${address}`, "--bind-interfaces", `--port=${port}`],
    "--address=/web.shop.internal/10.200.9.7",
  ];
  box.spawn(ours("127.0.0.1", NAMES.dnsPort));
  box.spawn(ours("10.200.9.1", 53));
  lab.host("server").spawn([
    ...[...PLAIN, "--listen-address=198.18.0.2", "--bind-interfaces", "--address=/#/1.2.3.4"],
  ]);
  const ask = async (server: string, name: string, port = 53) => {
    const { stdout } = await box.run([
      ...["dig", "+short", "+time=2", "+tries=1", "-p", String(port), `@${server}`, name],
    ]);
    return stdout.trim();
  };
  const answers = (server: string, name: string, address: string, port?: number) =>
    until(
      `${name} from ${server}`,
      async () => await ask(server, name, port) === address,
      60_000,
    );
  await answers("127.0.0.1", "web.shop.internal", "10.200.9.7", NAMES.dnsPort);
  await answers("10.200.9.1", "web.shop.internal", "10.200.9.7");
  await answers("198.18.0.2", "files.plant.example", "1.2.3.4");

  const [finding] = hostNamesFindings(NAMES);
  const words = /printf '([^']*)' > \/etc\/dnsmasq\.d\//.exec(finding?.remedy ?? "")?.[1];
  assert.ok(words !== undefined, finding?.remedy ?? "");
  const folder = `${box.dir}/dnsmasq.d`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/skerry.conf`, words.replaceAll("\\n", "\n"));
  // Its own server, and answers of private networks refused, as many set it.
  box.spawn([...PLAIN, `--conf-dir=${folder}`, "--server=198.18.0.2", "--stop-dns-rebind"]);
  await answers("127.0.0.1", "web.shop.internal", "10.200.9.7");
  await answers("127.0.0.1", "files.plant.example", "1.2.3.4");
  await answers("10.200.9.1", "web.shop.internal", "10.200.9.7");
});
