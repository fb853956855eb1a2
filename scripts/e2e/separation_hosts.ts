/**
 * The stage of the separation table: a box with containers of two projects, a laptop on its LAN, and
 * a host that plays the internet. Firewall and network are made by the agent's own facets.
 */
import { createBridge } from "../../agent/drivers/bridge/bridge.ts";
import { createNftables } from "../../agent/drivers/nftables/nftables.ts";
import { createFirewallFacet } from "../../agent/facets/firewall/facet.ts";
import { createReadListeners } from "../../agent/facets/firewall/listeners.ts";
import { testFirewallWorld, type TestMember } from "../../agent/facets/firewall/world_fixture.ts";
import { createNetworkFacet } from "../../agent/facets/network/facet.ts";
import type { Facet, FacetName, World } from "../../agent/reconcile/world.ts";
import { importBusybox } from "./lab/image.ts";
import { createLab, type Lab } from "./lab/lab.ts";
import type { LabHost } from "./lab/host.ts";
import { createLabPodman, type LabPodman } from "./lab/podman.ts";
import { until } from "./lab/program.ts";

export const GATEWAY = "10.215.0.1";
export const SUBNET = "10.215.0.0/24";
export const BOX_LAN = "198.18.0.1";
export const BOX_UPLINK = "198.18.1.1";
export const LAPTOP = "198.18.0.2";
export const INTERNET = "198.18.1.2";
const BRIDGE = "sk-separ";
const NETWORK = "skerry-separ";
const IMAGE = "localhost/busybox:1";

/** The containers, by name. `joint` ones share a network across projects; `vault` has no way out. */
export const MEMBERS: readonly TestMember[] = [
  {
    project: "shop",
    service: "web",
    address: "10.215.0.2",
    networks: ["shop/default"],
    ports: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }],
  },
  {
    project: "shop",
    service: "db",
    address: "10.215.0.3",
    networks: ["shop/back", "shop/default"],
    ports: [
      { hostAddress: "127.0.0.1", hostPort: 8081, containerPort: 80, protocol: "tcp" },
      { hostPort: 8085, containerPort: 80, protocol: "tcp" },
    ],
  },
  {
    project: "shop",
    service: "vault",
    address: "10.215.0.4",
    networks: ["shop/back"],
    ports: [{ hostPort: 8084, containerPort: 80, protocol: "tcp" }],
  },
  { project: "shop", service: "joint", address: "10.215.0.5", networks: ["joint", "shop/default"] },
  {
    project: "blog",
    service: "web",
    address: "10.215.0.6",
    networks: ["blog/default"],
    ports: [{ hostAddress: BOX_LAN, hostPort: 8083, containerPort: 80, protocol: "tcp" }],
  },
  { project: "blog", service: "joint", address: "10.215.0.7", networks: ["blog/default", "joint"] },
];
export const INTERNAL = ["shop/back"];

/** Name of a member in the table. */
export const nameOf = (member: TestMember): string => `${member.project}-${member.service}`;

export interface Stage extends AsyncDisposable {
  readonly lab: Lab;
  readonly box: LabHost;
  readonly podman: LabPodman;
  /** Argv prefix that runs a program in a container's network, with the machine's own files. */
  inside(member: string): readonly string[];
  /** Observes, plans and does what is due of both facets; the verdicts left over. */
  converge(members?: readonly TestMember[]): Promise<readonly string[]>;
}

/** Builds it all; a failure leaves nothing behind. */
export async function openStage(): Promise<Stage> {
  const lab = await createLab({
    hosts: [
      {
        name: "box",
        links: [{ lan: "plant", address: `${BOX_LAN}/24` }, {
          lan: "uplink",
          address: `${BOX_UPLINK}/24`,
        }],
        routes: [{ to: "default", via: INTERNET }],
      },
      {
        name: "laptop",
        links: [{ lan: "plant", address: `${LAPTOP}/24` }],
        // A neighbour that sends to the containers' addresses by itself.
        routes: [{ to: "default", via: BOX_LAN }],
      },
      {
        name: "internet",
        links: [{ lan: "uplink", address: `${INTERNET}/24` }],
        routes: [{ to: SUBNET, via: BOX_UPLINK }, { to: "198.18.0.0/24", via: BOX_UPLINK }],
      },
    ],
  });
  try {
    const box = lab.host("box");
    const podman = await createLabPodman(box);
    await importBusybox(podman, IMAGE);
    const converge = createConverge(box, podman);
    await converge();
    const pids = new Map<string, string>();
    for (const member of MEMBERS) {
      const name = nameOf(member);
      await podman.must([
        ...["run", "-d", "--name", name, "--hostname", name, "--network", NETWORK],
        ...["--ip", member.address, "--stop-timeout", "0", IMAGE],
        ...["sh", "-c", "hostname >/www/index.html; exec httpd -f -vv -p 80 -h /www"],
      ]);
      const pid = await podman.must(["inspect", "--format", "{{.State.Pid}}", name]);
      pids.set(name, pid.trim());
    }
    await serveHosts(lab);
    await converge();
    return {
      lab,
      box,
      podman,
      inside: (member) => ["nsenter", `--net=/proc/${pids.get(member)}/ns/net`],
      converge,
      [Symbol.asyncDispose]: () => lab.close(),
    };
  } catch (thrown) {
    await lab.close();
    throw thrown;
  }
}

/** Programs on the hosts' own ports, each saying a word of its own. */
async function serveHosts(lab: Lab): Promise<void> {
  const say = async (host: string, listen: string, word: string) => {
    const { dir } = lab.host(host);
    await Deno.mkdir(`${dir}/${word}`, { recursive: true });
    await Deno.writeTextFile(`${dir}/${word}/index.html`, `${word}\n`);
    lab.host(host).spawn(["busybox", "httpd", "-f", "-p", listen, "-h", `${dir}/${word}`]);
  };
  const program = new URL("./lab/udp_word.ts", import.meta.url).pathname;
  const sayByUdp = (host: string, ...args: readonly string[]) =>
    lab.host(host).spawn([Deno.execPath(), "run", "-A", "--quiet", program, ...args]);
  await say("box", "22", "ssh");
  await say("box", "80", "ingress");
  await say("box", "127.0.0.1:9000", "local");
  await say("box", `${GATEWAY}:53`, "dns");
  sayByUdp("box", GATEWAY, "53", "dns");
  sayByUdp("box", "0.0.0.0", "161", "snmp");
  await say("internet", "80", "internet");
  await say("laptop", "80", "laptop");
  const get = async (host: string, place: string) => {
    const argv = ["curl", "-s", "--noproxy", "*", "--max-time", "1", `http://${place}/`];
    return (await lab.host(host).run(argv)).code === 0;
  };
  const places = [...MEMBERS.map((member) => member.address), `${GATEWAY}:53`, "127.0.0.1:9000"];
  for (const place of places) await until(`${place} to serve`, () => get("box", place));
  for (const port of [22, 80]) await until(`port ${port}`, () => get("box", `127.0.0.1:${port}`));
  for (const host of ["laptop", "internet"]) await until(host, () => get(host, "127.0.0.1"));
  await until("the UDP ports to be bound", async () => {
    const sockets = await lab.host("box").must(["cat", "/proc/net/udp"]);
    return /:0035 /.test(sockets) && /:00A1 /.test(sockets);
  });
}

function createConverge(box: LabHost, podman: LabPodman) {
  const home = { bridge: BRIDGE, nftTable: "skerry_separ", podmanNetwork: NETWORK };
  const run = box.runCommand;
  const network = createNetworkFacet({
    home,
    bridge: createBridge({ run, settings: box.settings }),
    podman: createNetworkFiles(podman),
  });
  const firewall = createFirewallFacet({
    home,
    nftables: createNftables({ run }),
    readListeners: createReadListeners(),
    ingress: { httpPort: 80, httpsPort: 443 },
  });
  return async (members: readonly TestMember[] = MEMBERS) => {
    const node = { containerSubnet: SUBNET, gateway: GATEWAY, containerRange: "10.215.0.0/16" };
    const world = testFirewallWorld({ members, internal: INTERNAL, node });
    const signal = AbortSignal.timeout(30_000);
    const seen = { ...world.seen, network: await network.observe(world.desired, signal) };
    seen.firewall = await firewall.observe(world.desired, signal);
    const now = { ...world, seen: { ...seen, firewall: { ...seen.firewall, listeners: [] } } };
    return [...await step(network, now, signal), ...await step(firewall, now, signal)];
  };
}

/** Does what is due; says what it did. */
async function step<Name extends FacetName, Step>(
  facet: Facet<Name, Step>,
  world: World,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const done: string[] = [];
  for (const { subject, verdict } of facet.plan(world, 0)) {
    if (verdict.kind === "do") await facet.execute(verdict.step, world, signal);
    if (verdict.kind !== "converged") done.push(`${subject}: ${verdict.kind}`);
  }
  return done;
}

/** Podman's network as the file that Podman itself would write: its command cannot name the bridge. */
function createNetworkFiles(podman: LabPodman) {
  const fileOf = (name: string) => `${podman.host.dir}/podman/networks/${name}.json`;
  return {
    async ensureNetwork(
      network: { name: string; bridge: string; subnet: string; gateway: string },
    ) {
      await Deno.writeTextFile(
        fileOf(network.name),
        JSON.stringify({
          name: network.name,
          id: "5".repeat(64),
          driver: "bridge",
          network_interface: network.bridge,
          created: "2026-01-01T00:00:00Z",
          subnets: [{ subnet: network.subnet, gateway: network.gateway }],
          ipv6_enabled: false,
          internal: false,
          dns_enabled: false,
          ipam_options: { driver: "host-local" },
        }),
      );
    },
    networkExists: async (name: string) =>
      await Deno.stat(fileOf(name)).then(() => true, () => false),
    removeNetwork: (name: string) => Deno.remove(fileOf(name)),
  };
}
