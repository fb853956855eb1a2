/** One host of the lab. */
import type { CommandOptions, CommandResult, RunCommand } from "../../../shared/command.ts";
import { nameOf } from "./leftovers.ts";
import { type LabProcess, spawnProcess } from "./process.ts";
import { checked, outputOf, runProgram, until } from "./program.ts";

export interface LabHostSpec {
  /** Lower-case letters and digits. */
  readonly name: string;
  /** Interfaces eth0, eth1, …: the LAN and the address with prefix length, from 198.18.0.0/15. */
  readonly links: readonly { readonly lan: string; readonly address: string }[];
  /** `to`: `default` or a range. */
  readonly routes?: readonly { readonly to: string; readonly via: string }[];
}

export interface ProgramOptions extends CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface LabHost {
  readonly name: string;
  /** Its address on its first link, without prefix length; empty where it has none. */
  readonly address: string;
  /** Name of its network namespace. */
  readonly namespace: string;
  /** A folder of its own, gone with the lab. */
  readonly dir: string;
  /** Its mounts' root as seen from the machine, for calls that are no program. */
  readonly root: string;
  /** What stands before an argv to run it inside; no fork, so the pid is the program's. */
  readonly enter: readonly string[];
  run(argv: readonly string[], options?: ProgramOptions): Promise<CommandResult>;
  /** As `run`; an exit code other than 0 is an error. Gives the standard output. */
  must(argv: readonly string[], options?: ProgramOptions): Promise<string>;
  /** Starts a program; it ends with the lab at the latest. */
  spawn(argv: readonly string[], options?: ProgramOptions): LabProcess;
  /** For drivers that take `run`. */
  readonly runCommand: RunCommand;
  /** Kernel settings of this host for drivers: paths below /proc/sys. */
  readonly settings: {
    read(path: string): Promise<string | null>;
    write(path: string, value: string): Promise<void>;
  };
  /** Ends the process that holds the namespaces, and those that `spawn` started. */
  release(): Promise<void>;
  /** Resolves when the holder has ended. */
  readonly released: Promise<unknown>;
}

/** Folders that every host has for itself. */
const PRIVATE = ["/run/containers", "/run/netns", "/run/wireguard", "/run/skerry", "/dev/shm"];

/** Makes the namespaces of a host; links are the lab's business. */
export async function createHost(tag: string, labDir: string, spec: LabHostSpec): Promise<LabHost> {
  if (!/^[a-z0-9]{1,16}$/.test(spec.name)) throw new Error(`not a host's name: "${spec.name}"`);
  const namespace = nameOf(tag, spec.name);
  const dir = `${labDir}/${spec.name}`;
  await Deno.mkdir(dir);
  await checked(["ip", "netns", "add", namespace]);
  const holder = new Deno.Command("nsenter", {
    args: [
      `--net=/run/netns/${namespace}`,
      ...["unshare", "--mount", "--propagation", "private", "sleep", "infinity"],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const released = holder.status;
  await Deno.writeTextFile(`${labDir}/${spec.name}.holder`, `${holder.pid}\n`);
  await until(`the namespaces of host "${spec.name}"`, async () => {
    const comm = await Deno.readTextFile(`/proc/${holder.pid}/comm`).catch(() => "");
    return comm.trim() === "sleep";
  });
  const enter = [
    "nsenter",
    `--net=/run/netns/${namespace}`,
    `--mount=/proc/${holder.pid}/ns/mnt`,
    "--",
  ];
  const argvOf = (argv: readonly string[], options: ProgramOptions) => {
    const env = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
    const cwd = options.cwd === undefined ? [] : ["-C", options.cwd];
    return env.length + cwd.length === 0 ? [...enter, ...argv] : [
      ...enter,
      ...["env", ...cwd, ...env],
      ...argv,
    ];
  };
  const processes: LabProcess[] = [];
  const run = (argv: readonly string[], options: ProgramOptions = {}) =>
    runProgram(argvOf(argv, options), options);
  const must = async (argv: readonly string[], options: ProgramOptions = {}) =>
    outputOf(argv, await run(argv, options));
  const host: LabHost = {
    name: spec.name,
    address: spec.links[0]?.address.split("/")[0] ?? "",
    namespace,
    dir,
    root: `/proc/${holder.pid}/root`,
    enter,
    run,
    must,
    spawn(argv, options = {}) {
      const process = spawnProcess(argvOf(argv, options));
      processes.push(process);
      return process;
    },
    runCommand: run,
    settings: {
      async read(path) {
        const { code, stdout } = await run(["cat", `/proc/sys/${path}`]);
        return code === 0 ? stdout.trim() : null;
      },
      async write(path, value) {
        await must(["dd", `of=/proc/sys/${path}`, "status=none"], { stdin: value });
      },
    },
    async release() {
      for (const process of processes) await process.stop();
      try {
        holder.kill("SIGKILL");
      } catch {
        // It has ended.
      }
    },
    released,
  };
  for (const folder of PRIVATE) {
    await Deno.mkdir(folder, { recursive: true });
    await must(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder]);
  }
  await must(["ip", "link", "set", "lo", "up"]);
  // A new namespace takes it over from the machine, where somebody's Podman may have set it.
  await host.settings.write("net/ipv4/ip_forward", "0");
  return host;
}
