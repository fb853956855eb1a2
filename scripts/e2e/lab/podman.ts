/** A Podman of a host's own, by its command line: storage, state, networks and configuration apart. */
import type { CommandResult } from "../../../shared/command.ts";
import type { LabHost, ProgramOptions } from "./host.ts";
import { outputOf } from "./program.ts";

export interface LabPodman {
  /** The program and its global options; arguments follow. */
  readonly argv: readonly string[];
  /** Environment that it needs. */
  readonly env: Readonly<Record<string, string>>;
  readonly host: LabHost;
  run(args: readonly string[], options?: ProgramOptions): Promise<CommandResult>;
  /** As `run`; an exit code other than 0 is an error. */
  must(args: readonly string[], options?: ProgramOptions): Promise<string>;
}

const CONFIGURATION = `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
base_hosts_file = "none"

[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
`;

/** Prepares it; nothing runs until it is asked. `name` keeps several in one host apart. */
export async function createLabPodman(host: LabHost, name = "podman"): Promise<LabPodman> {
  const dir = `${host.dir}/${name}`;
  await Deno.mkdir(`${dir}/networks`, { recursive: true });
  await Deno.writeTextFile(`${dir}/containers.conf`, CONFIGURATION);
  const argv = [
    "podman",
    ...["--root", `${dir}/root`, "--runroot", `${dir}/run`, "--tmpdir", `${dir}/tmp`],
    ...["--network-config-dir", `${dir}/networks`],
  ];
  const env = { CONTAINERS_CONF: `${dir}/containers.conf` };
  const run = (args: readonly string[], options: ProgramOptions = {}) =>
    host.run([...argv, ...args], { ...options, env: { ...env, ...options.env } });
  return {
    argv,
    env,
    host,
    run,
    must: async (args, options) => outputOf(["podman", ...args], await run(args, options)),
  };
}
