/**
 * The real systemd-resolved on a lab host, on a D-Bus of the host's own. Where the machine has it
 * not, Debian's package is fetched and unpacked beside: installing it would take over the machine's
 * own resolv.conf.
 */
import { dirname } from "node:path";
import type { LabHost } from "./host.ts";
import { requirePrograms } from "./leftovers.ts";
import type { LabProcess } from "./process.ts";
import { checked, until } from "./program.ts";

export interface LabResolved {
  start(): Promise<void>;
  /** @param keep what it remembers of links for its next start */
  stop(keep?: boolean): Promise<void>;
  /** `resolvectl ARGS` on the host. */
  ctl(...args: readonly string[]): Promise<string>;
  /** From now on the host's own programs ask it, or another server. */
  useAsResolver(nameserver?: string): Promise<void>;
}

const RUN_FOLDER = "/run/systemd/resolve";
const USER = "systemd-resolve";
const UID = 990;
const BUS = "unix:path=/run/dbus/system_bus_socket";
const UNPACKED = "/tmp/sklab-systemd-resolved";
const DAEMON = "lib/systemd/systemd-resolved";
const POLICIES = "usr/share/dbus-1/system.d";
const PROGRAMS = { "dbus-daemon": "dbus-daemon", busctl: "systemd" };

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** The folder below which Debian's package systemd-resolved lies. */
async function resolvedRoot(dir: string): Promise<string> {
  if (await isThere(`/${DAEMON}`)) return "";
  if (await isThere(`${UNPACKED}/${DAEMON}`)) return UNPACKED;
  const root = `${dir}/systemd-resolved`;
  await Deno.mkdir(root, { recursive: true });
  // The apt user has to come into the folder.
  await Deno.chmod(root, 0o777);
  await checked(["env", "-C", root, "apt-get", "-q", "download", "systemd-resolved"]);
  for await (const { name } of Deno.readDir(root)) {
    if (name.endsWith(".deb")) await checked(["dpkg-deb", "-x", `${root}/${name}`, root]);
  }
  // For the next ones; where another was quicker, its own serves.
  return await Deno.rename(root, UNPACKED).then(() => UNPACKED, () => root);
}

const busConfig = (policies: string) =>
  `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>${BUS}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <includedir>${policies}</includedir>
</busconfig>
`;

/** Adds the user that resolved becomes, for this host alone. */
async function addUser(host: LabHost): Promise<void> {
  const known = await Deno.readTextFile("/etc/passwd");
  if (new RegExp(`^${USER}:`, "m").test(known)) return;
  const lines = {
    passwd: `${USER}:x:${UID}:${UID}::/:/usr/sbin/nologin\n`,
    group: `${USER}:x:${UID}:\n`,
  };
  for (const [name, line] of Object.entries(lines)) {
    const own = `${host.dir}/${name}`;
    await Deno.writeTextFile(own, await Deno.readTextFile(`/etc/${name}`) + line);
    await host.must(["mount", "--bind", own, `/etc/${name}`]);
  }
}

/** A resolved that does not run yet. @param upstream who answers what is not ours */
export async function createLabResolved(host: LabHost, upstream: string): Promise<LabResolved> {
  await requirePrograms(PROGRAMS);
  const root = await resolvedRoot(host.dir);
  await addUser(host);
  for (const folder of ["/run/dbus", dirname(RUN_FOLDER)]) {
    await Deno.mkdir(folder, { recursive: true });
    await host.must(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder]);
  }
  const conf = `${host.dir}/resolved.conf`;
  await Deno.writeTextFile(
    conf,
    `[Resolve]\nDNS=${upstream}\nFallbackDNS=\nLLMNR=no\nMulticastDNS=no\nDNSSEC=no\n`,
  );
  // It reads no other file than this one; the folder is there with the package alone.
  const target = "/etc/systemd/resolved.conf";
  const made = !(await isThere(target));
  if (made) {
    await host.must(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", dirname(target)]);
    await host.must(["cp", conf, target]);
  } else {
    await host.must(["mount", "--bind", conf, target]);
  }
  // Its upstream would come from the machine's resolv.conf, too.
  const resolvConf = `${host.dir}/resolv.conf`;
  await Deno.writeTextFile(resolvConf, `nameserver ${upstream}\n`);
  const machines = await Deno.realPath("/etc/resolv.conf");
  await host.must(["mount", "--bind", resolvConf, machines]);
  const config = `${host.dir}/bus.conf`;
  await Deno.writeTextFile(config, busConfig(`${root}/${POLICIES}`));
  host.spawn(["dbus-daemon", `--config-file=${config}`, "--nofork", "--nopidfile"]);
  const onBus = (name: string) => ["busctl", "--auto-start=no", "--timeout=2", "status", name];
  await until(
    "the bus",
    async () => (await host.run(onBus("org.freedesktop.DBus"))).code === 0,
  );
  let running: LabProcess | null = null;
  return {
    async start() {
      await host.must(["mkdir", "-p", RUN_FOLDER]);
      await host.must(["chown", `${USER}:${USER}`, RUN_FOLDER]);
      running = host.spawn([`${root}/${DAEMON}`]);
      await until(
        "systemd-resolved",
        async () => (await host.run(onBus("org.freedesktop.resolve1"))).code === 0,
      );
    },
    async stop(keep = true) {
      await running?.stop();
      running = null;
      if (!keep) await host.must(["rm", "-rf", `${RUN_FOLDER}/netif`]);
    },
    ctl: (...args) => host.must([`${root}/usr/bin/resolvectl`, "--no-pager", ...args]),
    async useAsResolver(nameserver = "127.0.0.53") {
      await Deno.writeTextFile(resolvConf, `nameserver ${nameserver}\noptions edns0 trust-ad\n`);
    },
  };
}
