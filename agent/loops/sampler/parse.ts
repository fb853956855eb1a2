/**
 * The kernel's files of what is used (proc_stat(5), proc_meminfo(5), proc_pid_net(5),
 * Documentation/admin-guide/iostats.rst, cgroup-v2.rst, cgroup-v1). Pure; whatever a file holds,
 * what cannot be read from it is null or left out.
 */

/** Clock ticks a second in what the kernel tells programs, on all that Skerry runs on. */
const TICKS = 100;
/** Diskstats count in these, whatever a disk's own sectors are. */
const SECTOR_BYTES = 512;

/** Bytes in and out, by device. */
export type Flows = ReadonlyMap<string, { readonly in: number; readonly out: number }>;

/** A number of digits alone; null: it is none. */
export function parseCount(text: string | undefined): number | null {
  const word = text?.trim() ?? "";
  return /^\d{1,24}$/.test(word) ? Number(word) : null;
}

/** Seconds that all processors together have worked, and how many there are. */
export function parseHostCpu(
  stat: string,
): { readonly busySeconds: number; readonly cores: number } | null {
  const first = /^cpu +([\d ]+)$/m.exec(stat)?.[1]?.trim().split(/ +/).map(Number);
  if (first === undefined || first.length < 4) return null;
  // Time of guests is counted in user and nice already.
  const [user = 0, nice = 0, system = 0, _idle = 0, _iowait = 0, irq = 0, soft = 0, steal = 0] =
    first;
  const cores = stat.match(/^cpu\d+ /gm)?.length ?? 0;
  const busySeconds = (user + nice + system + irq + soft + steal) / TICKS;
  return Number.isFinite(busySeconds) ? { busySeconds, cores: Math.max(1, cores) } : null;
}

/** Bytes that programs have and cannot do without, and all that there are. */
export function parseHostMemory(
  meminfo: string,
): { readonly usedBytes: number; readonly totalBytes: number } | null {
  const kib = (name: string) =>
    parseCount(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(meminfo)?.[1]);
  const [total, available] = [kib("MemTotal"), kib("MemAvailable")];
  if (total === null || available === null) return null;
  return { usedBytes: Math.max(0, total - available) * 1024, totalBytes: total * 1024 };
}

/** Received and sent, by interface. */
export function parseNetDev(text: string): Flows {
  const found = new Map<string, { in: number; out: number }>();
  for (const line of text.split("\n")) {
    const match = /^ *([^\s:]{1,15}): *(\d[\d ]*)$/.exec(line);
    const fields = match?.[2]?.trim().split(/ +/) ?? [];
    const [received, sent] = [parseCount(fields[0]), parseCount(fields[8])];
    if (match?.[1] !== undefined && received !== null && sent !== null) {
      found.set(match[1], { in: received, out: sent });
    }
  }
  return found;
}

/** Read and written, by disk, parts of disks too. */
export function parseDiskstats(text: string): Flows {
  const found = new Map<string, { in: number; out: number }>();
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/ +/);
    const name = fields[2];
    const [read, written] = [parseCount(fields[5]), parseCount(fields[9])];
    if (name !== undefined && read !== null && written !== null) {
      found.set(name, { in: read * SECTOR_BYTES, out: written * SECTOR_BYTES });
    }
  }
  return found;
}

/** The number of a line `NAME NUMBER`; null: there is none. */
export function parseField(text: string, name: string): number | null {
  const at = text.startsWith(`${name} `) ? 0 : text.indexOf(`\n${name} `) + 1;
  if (at === 0 && !text.startsWith(`${name} `)) return null;
  const end = text.indexOf("\n", at);
  return parseCount(text.slice(at + name.length + 1, end < 0 ? undefined : end));
}

/** Read and written, by device number: io.stat of cgroup v2. */
export function parseIoStat(text: string): Flows {
  const found = new Map<string, { in: number; out: number }>();
  for (const line of text.split("\n")) {
    const device = /^(\d+:\d+) /.exec(line)?.[1];
    const [read, written] = ["rbytes", "wbytes"].map((key) =>
      parseCount(new RegExp(` ${key}=(\\d+)(?: |$)`).exec(line)?.[1])
    );
    if (device !== undefined && typeof read === "number" && typeof written === "number") {
      found.set(device, { in: read, out: written });
    }
  }
  return found;
}

/** The same of cgroup v1: blkio.throttle.io_service_bytes_recursive. */
export function parseBlkio(text: string): Flows {
  const found = new Map<string, { in: number; out: number }>();
  for (const line of text.split("\n")) {
    const match = /^(\d+:\d+) (Read|Write) (\d{1,24})$/.exec(line);
    if (match?.[1] === undefined) continue;
    const flow = found.get(match[1]) ?? { in: 0, out: 0 };
    if (match[2] === "Read") flow.in = Number(match[3]);
    else flow.out = Number(match[3]);
    found.set(match[1], flow);
  }
  return found;
}
