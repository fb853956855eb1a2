/**
 * What a container with every right in its own network namespace may try against its neighbours and
 * its host. Each attempt must succeed without our tables, else it proves nothing, and fail with them.
 */
import { runProgram } from "./lab/program.ts";
import { GATEWAY, INTERNET, type Stage } from "./separation_hosts.ts";

const ATTACKER = "blog-web";
const ATTACKER_ADDRESS = "10.215.0.6";
const VICTIM = "shop-web";
const VICTIM_ADDRESS = "10.215.0.2";
/** Within the subnet, of no container. */
const NOBODY = "10.215.0.99";

interface Attack {
  readonly name: string;
  /** Commands in the attacker's namespace that prepare it, and those that undo it. */
  readonly prepare: readonly (readonly string[])[];
  readonly probe: readonly string[];
  readonly undo: readonly (readonly string[])[];
  /** Our tables make what is attacked, so that without them there is nothing to reach. */
  readonly ofOurMaking?: true;
}

const get = (place: string, ...more: readonly string[]) => [
  ...["curl", "-s", "-f", "--noproxy", "*", "--connect-timeout", "1", "--max-time", "3"],
  ...more,
  `http://${place}/`,
];

async function attacksOn(stage: Stage): Promise<readonly Attack[]> {
  const show = async (prefix: readonly string[], device: string) =>
    (await runProgram([...prefix, "ip", "address", "show", "dev", device])).stdout;
  const victim = await show(stage.inside(VICTIM), "eth0");
  const mac = /link\/ether ([0-9a-f:]{17})/.exec(victim)?.[1] ?? "";
  const ofVictim = /inet6 (fe80:[0-9a-f:]+)/.exec(victim)?.[1] ?? "";
  const ofHost = /inet6 (fe80:[0-9a-f:]+)/.exec(await show(stage.box.enter, "sk-separ"))?.[1] ?? "";
  const neighbour = (verb: string) => ["ip", "neigh", verb, VICTIM_ADDRESS, "dev", "eth0"];
  const device = ["dev", "eth0"];
  const loopback = {
    prepare: [
      ["ip", "address", "delete", "127.0.0.1/8", "dev", "lo"],
      ["dd", "of=/proc/sys/net/ipv4/conf/eth0/route_localnet", "status=none"],
      ["ip", "route", "add", "127.0.0.0/8", "via", GATEWAY, ...device, "src", ATTACKER_ADDRESS],
    ],
    undo: [
      ["ip", "route", "delete", "127.0.0.0/8"],
      ["ip", "address", "add", "127.0.0.1/8", "dev", "lo"],
    ],
  };
  return [
    {
      name: "frames straight to a neighbour's MAC",
      prepare: [[...neighbour("replace"), "lladdr", mac, "nud", "permanent"]],
      probe: get(VICTIM_ADDRESS),
      undo: [neighbour("delete")],
    },
    {
      name: "IPv6 to a neighbour",
      prepare: [],
      probe: ["busybox", "ping", "-6", "-c1", "-W1", `${ofVictim}%eth0`],
      undo: [],
    },
    {
      name: "IPv6 to the host",
      prepare: [],
      probe: ["busybox", "ping", "-6", "-c1", "-W1", `${ofHost}%eth0`],
      undo: [],
    },
    {
      name: "an address that is no container's",
      prepare: [["ip", "address", "add", `${NOBODY}/32`, ...device]],
      probe: get(INTERNET, "--interface", NOBODY),
      undo: [["ip", "address", "delete", `${NOBODY}/32`, ...device]],
    },
    { name: "the host's 127.0.0.1", probe: get("127.0.0.1:9000"), ...loopback },
    {
      name: "a port published on 127.0.0.1 alone",
      probe: get("127.0.0.1:8081"),
      ...loopback,
      ofOurMaking: true,
    },
  ];
}

/** Names of the attacks that got through. */
export async function tryAttacks(stage: Stage): Promise<readonly string[]> {
  const through: string[] = [];
  const run = (argv: readonly string[]) =>
    runProgram([...stage.inside(ATTACKER), ...argv], { stdin: "1" });
  for (const attack of await attacksOn(stage)) {
    for (const argv of attack.prepare) {
      const { code, stderr } = await run(argv);
      if (code !== 0) throw new Error(`${attack.name}: "${argv.join(" ")}": ${stderr}`);
    }
    if ((await run(attack.probe)).code === 0) through.push(attack.name);
    for (const argv of attack.undo) await run(argv);
  }
  return through;
}

/** Names of the attacks that get through where our tables are missing. */
export async function effectiveAttacks(stage: Stage): Promise<readonly string[]> {
  return (await attacksOn(stage)).filter((attack) => attack.ofOurMaking !== true)
    .map((attack) => attack.name);
}
