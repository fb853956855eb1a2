/**
 * `remove_home.ts DIR [--keep-data]`: ends everything that one Skerry runs on this host, and takes
 * away what it made: processes, containers, bridge, firewall tables, mounts, and then the folder
 * itself with all data in it. Says what it did, line by line; may be run again.
 */
import { z } from "zod";
import { createSystemd } from "../../cmd/boot/systemd.ts";
import { unitName } from "../../cmd/boot/unit.ts";
import { createRunCommand } from "../../shared/command.ts";
import { homeLayout } from "../../shared/home.ts";
import { podmanPaths } from "../../agent/drivers/podman/service.ts";
import { removalArguments } from "./netavark_rules.ts";

const encoder = new TextEncoder();
const say = (text: string) => Deno.stdout.writeSync(encoder.encode(`  ${text}\n`));

/** Runs a command; what it says, or null where it failed or is not there. */
async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  try {
    const done = await new Deno.Command(command, {
      args: [...args],
      env: { ...env },
      stdin: "null",
      signal: AbortSignal.timeout(120_000),
    }).output();
    return done.success ? new TextDecoder().decode(done.stdout) : null;
  } catch {
    // The tool is not installed: then it made nothing either.
    return null;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await Deno.lstat(path).catch(() => null)) !== null;
}

/** Processes on this host with their command lines; those that end meanwhile are left out. */
async function processes(): Promise<{ pid: number; args: string[] }[]> {
  const found = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const text = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (text !== "") found.push({ pid: Number(name), args: text.split("\0") });
  }
  return found;
}

/** Who holds the lock on a file, as the kernel says it. */
async function lockHolders(path: string): Promise<number[]> {
  const info = await Deno.stat(path).catch(() => null);
  if (info === null || info.ino === null) return [];
  const locks = await Deno.readTextFile("/proc/locks").catch(() => "");
  return locks.split("\n").flatMap((line) => {
    const [, , , , pid, place] = line.trim().split(/\s+/);
    return place?.endsWith(`:${info.ino}`) ? [Number(pid)] : [];
  });
}

function alive(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat[stat.lastIndexOf(")") + 2] !== "Z";
  } catch {
    // Gone.
    return false;
  }
}

async function end(pids: readonly number[], graceMs: number): Promise<void> {
  const signal = (pid: number, name: Deno.Signal) => {
    try {
      Deno.kill(pid, name);
    } catch {
      // It ended by itself.
    }
  };
  for (const pid of pids) signal(pid, "SIGTERM");
  const until = performance.now() + graceMs;
  while (pids.some(alive) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (const pid of pids.filter(alive)) signal(pid, "SIGKILL");
}

/** Mount points below a folder, the deepest first. */
async function mountsBelow(folders: readonly string[]): Promise<string[]> {
  const text = await Deno.readTextFile("/proc/self/mountinfo");
  const points = text.split("\n").map((line) => line.split(" ")[4] ?? "").map((point) =>
    point.replaceAll(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)))
  );
  return points.filter((point) =>
    folders.some((folder) => point === folder || point.startsWith(`${folder}/`))
  ).sort((a, b) => b.length - a.length);
}

const Network = z.object({ subnets: z.array(z.object({ subnet: z.string() })).default([]) });

/** Subnets of a Podman's networks. */
async function subnetsOf(networks: string): Promise<string[]> {
  const found: string[] = [];
  if (!(await exists(networks))) return found;
  for await (const { name } of Deno.readDir(networks)) {
    if (!name.endsWith(".json")) continue;
    const text = await Deno.readTextFile(`${networks}/${name}`).catch(() => "{}");
    const network = Network.safeParse(JSON.parse(text));
    if (network.success) found.push(...network.data.subnets.map(({ subnet }) => subnet));
  }
  return found;
}

/** Takes one Skerry off this host. @param keepData leaves its folder where it is */
export async function removeHome(home: string, keepData: boolean): Promise<void> {
  const layout = homeLayout(home);
  // Before its process ends, or systemd would start it again.
  const systemd = createSystemd(createRunCommand());
  const unit = unitName(layout);
  if (await systemd.running() && (await systemd.read(unit)) !== null) {
    await systemd.stop(unit);
    await systemd.disable(unit);
    say(`removed    ${unit}`);
  }
  const locks = await Promise.all(
    ["", ".control", ".agent"].map((part) => lockHolders(layout.lockFile + part)),
  );
  const holders = [...new Set(locks.flat())].filter((pid) => pid !== Deno.pid);
  if (holders.length > 0) {
    await end(holders, 30_000);
    say(`stopped    skerry up (process ${holders.join(", ")})`);
  }
  const paths = podmanPaths(layout);
  const subnets = await subnetsOf(paths.networks);
  if (await exists(paths.root)) {
    const env = {
      HOME: paths.userHome,
      TMPDIR: paths.pullDir,
      CONTAINERS_CONF: `${paths.config}/containers.conf`,
      CONTAINERS_STORAGE_CONF: `${paths.config}/storage.conf`,
    };
    const place = ["--root", paths.root, "--runroot", paths.runRoot, "--tmpdir", paths.tmpDir];
    const podman = [
      ...place,
      "--network-config-dir",
      paths.networks,
      "--storage-driver",
      "overlay",
    ];
    const gone = await run("podman", [...podman, "rm", "--all", "--force", "--time", "10"], env);
    const count = (gone ?? "").split("\n").filter((line) => line !== "").length;
    say(
      gone === null
        ? "could not ask Podman to remove containers"
        : `removed    ${count} containers`,
    );
    await run("podman", [...podman, "network", "rm", "--force", layout.podmanNetwork], env);
  }
  const below = (text: string) =>
    text.includes(`${layout.home}/`) || text.includes(`${layout.runDir}/`);
  const engines = (await processes()).filter(({ pid, args }) =>
    pid !== Deno.pid && pid !== Deno.ppid &&
    /(^|\/)(podman|conmon|traefik|catatonit)$/.test(args[0] ?? "") && args.slice(1).some(below)
  );
  if (engines.length > 0) {
    await end(engines.map(({ pid }) => pid), 10_000);
    say(`stopped    ${engines.map(({ args }) => args[0]?.split("/").at(-1)).sort().join(", ")}`);
  }
  // The pair that keeps the bridge in carrier (drivers/bridge) does not go with it.
  await run("ip", ["link", "del", `${layout.bridge}-a`]);
  // The bridge, the pair of links that keeps it up while no container runs, and systemd-resolved's.
  for (const link of [layout.bridge, `${layout.bridge}-a`, layout.resolvedLink]) {
    if ((await run("ip", ["link", "del", link])) !== null) say(`removed    link ${link}`);
  }
  const shown = {
    nat: await run("iptables", ["-w", "-t", "nat", "-S"]) ?? "",
    filter: await run("iptables", ["-w", "-S"]) ?? "",
  };
  const removals = removalArguments(shown, subnets);
  for (const args of removals) await run("iptables", ["-w", ...args]);
  if (removals.length > 0) say(`removed    iptables rules for ${subnets.join(", ")}`);
  for (const family of ["inet", "bridge", "ip"]) {
    if ((await run("nft", ["delete", "table", family, layout.nftTable])) !== null) {
      say(`removed    nftables table ${family} ${layout.nftTable}`);
    }
  }
  for (const point of await mountsBelow([layout.home, layout.runDir])) {
    if ((await run("umount", ["-l", point])) !== null) say(`unmounted  ${point}`);
  }
  const left = await mountsBelow([layout.home, layout.runDir]);
  if (left.length > 0) {
    say(`left       ${layout.home}: still mounted in it: ${left.join(", ")}`);
    return;
  }
  for (const folder of keepData ? [layout.runDir] : [layout.runDir, layout.home]) {
    if (!(await exists(folder))) continue;
    await Deno.remove(folder, { recursive: true });
    say(`removed    ${folder}`);
  }
}

if (import.meta.main) {
  const [home, keep] = Deno.args;
  if (home === undefined || !home.startsWith("/") || home === "/") {
    say("usage: remove_home.ts DIR [--keep-data]");
    Deno.exit(2);
  }
  await removeHome(home.replace(/\/+$/, ""), keep === "--keep-data");
}
