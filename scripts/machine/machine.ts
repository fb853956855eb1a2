/** A machine of its own: a Debian that systemd boots, in namespaces. */
import { type CommandResult, createRunCommand } from "../../shared/command.ts";
import { checked, until } from "../e2e/lab/program.ts";

export interface Machine {
  /** Runs a program in it, as root. */
  readonly run: (argv: readonly string[], timeoutMs?: number) => Promise<CommandResult>;
  /** Its standard output; a failure is an error with what it said. */
  readonly checked: (argv: readonly string[], timeoutMs?: number) => Promise<string>;
  /** Pulls the plug of all its processes at once. */
  readonly cut: () => Promise<void>;
  /** `systemctl poweroff`, to its end. */
  readonly powerOff: () => Promise<void>;
}

/** Where the machine's files are. */
export interface MachineFiles {
  /** A Debian with systemd. */
  readonly root: string;
  /** Seen at /src in it. */
  readonly clone: string;
  /** Seen at /root/.cache/deno in it. */
  readonly denoDir: string;
}

const run = createRunCommand();

/** On a real machine they are writable; the container of this one shows them read-only. */
const WRITABLE_CGROUPS = `[Unit]
Description=Writable cgroups, as on a machine of its own
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
ExecStart=sh -c 'for each in /sys/fs/cgroup/*/; do mount -o remount,rw,bind $$each || true; done'
`;

/** Boots it; resolves once systemd says that it is up. */
export async function bootMachine(files: MachineFiles): Promise<Machine> {
  const units = "/etc/systemd/system";
  await writeInto(files.root, `${units}/writable-cgroups.service`, WRITABLE_CGROUPS);
  await checked(["mkdir", "-p", `${files.root}${units}/sysinit.target.wants`]);
  await checked([
    "ln",
    "-sf",
    "../writable-cgroups.service",
    `${files.root}${units}/sysinit.target.wants/writable-cgroups.service`,
  ]);
  const boot = new Deno.Command("systemd-nspawn", {
    args: [
      "--quiet",
      "--directory",
      files.root,
      "--machine=skerry-machine",
      "--register=no",
      "--keep-unit",
      "--private-network",
      "--capability=all",
      // Containers in it make devices and mounts of their own.
      "--system-call-filter=@keyring bpf",
      "--property=DeviceAllow=",
      `--bind=${files.clone}:/src`,
      `--bind=${files.denoDir}:/root/.cache/deno`,
      "--boot",
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // Its console has to be read, or it would wait for us.
  const console = Promise.all([boot.stdout.text(), boot.stderr.text()]);
  let over: string | null = null;
  const ended = Promise.all([boot.status, console]).then(([{ code }, [out, err]]) => {
    over = `the machine ended (${code}): ${err.slice(-500)} ${out.slice(-1_500)}`;
  });
  const leader = async (): Promise<number | null> => {
    const text = await Deno.readTextFile(`/proc/${boot.pid}/task/${boot.pid}/children`)
      .catch(() => "");
    for (const word of text.trim().split(/\s+/)) {
      const name = await Deno.readTextFile(`/proc/${word}/comm`).catch(() => "");
      if (name.trim() === "systemd") return Number(word);
    }
    return null;
  };
  let init = 0;
  const inside = (argv: readonly string[], timeoutMs = 60_000) =>
    run(
      ["nsenter", "-t", String(init), "-m", "-u", "-i", "-n", "-p", "-C", "--", ...argv],
      { timeoutMs, env: { PATH: PATHS, HOME: "/root" } },
    );
  const machine: Machine = {
    run: inside,
    async checked(argv, timeoutMs) {
      const { code, stdout, stderr } = await inside(argv, timeoutMs);
      if (code === 0) return stdout;
      throw new Error(`"${argv.join(" ")}" failed (${code}): ${(stderr + stdout).slice(-2_000)}`);
    },
    async cut() {
      Deno.kill(init, "SIGKILL");
      await ended;
    },
    async powerOff() {
      await inside(["systemctl", "poweroff", "--no-block"]);
      await ended;
    },
  };
  try {
    await until("systemd of the machine", async () => {
      init = await leader() ?? 0;
      return init !== 0 || over !== null;
    }, 60_000);
    await until("the machine is up", async () => {
      if (over !== null) return true;
      const { stdout } = await inside(["systemctl", "is-system-running"]);
      return /^(running|degraded)$/.test(stdout.trim());
    }, 180_000);
    if (over !== null) throw new Error(over);
  } catch (thrown) {
    if (over === null) Deno.kill(boot.pid, "SIGKILL");
    await ended;
    throw thrown;
  }
  return machine;
}

const PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Writes a file of the machine that does not run. */
export async function writeInto(root: string, path: string, text: string): Promise<void> {
  await checked(["mkdir", "-p", `${root}${path.slice(0, path.lastIndexOf("/"))}`]);
  await Deno.writeTextFile(`${root}${path}`, text);
}
