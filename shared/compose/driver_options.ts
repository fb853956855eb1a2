/**
 * `driver_opts` of a volume: what the local driver mounts in its place, as `docker volume create`
 * takes it.
 */
import { readStrings } from "./environment.ts";
import type { Read } from "./fields.ts";
import { hostPath } from "./paths.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";

/** What is mounted in a volume's place. */
export type DriverKind =
  /** A folder of the host. */
  | "folder"
  /** A file system of the host's: a disk, or a file with one in it. */
  | "disk"
  /** Of a server: nothing of the host is reached. */
  | "nfs"
  | "cifs"
  /** Memory, empty after its last user has gone. */
  | "tmpfs";

const NFS = ["nfs", "nfs4"];
const CIFS = ["cifs", "smb3"];
const DISKS = ["btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "iso9660", "ntfs3", "squashfs"];
const MORE_DISKS = ["udf", "vfat", "xfs"];

/** The kind that a `type` and the options beside it make; null: none that is known. */
export function driverKind(options: Readonly<Record<string, string>>): DriverKind | null {
  const { type = "none", o = "" } = options;
  const flags = o.split(",");
  const bound = flags.includes("bind") || flags.includes("rbind");
  if (["", "none", "bind"].includes(type)) return bound ? "folder" : null;
  if (NFS.includes(type)) return "nfs";
  if (CIFS.includes(type)) return "cifs";
  if (type === "tmpfs") return "tmpfs";
  return DISKS.includes(type) || MORE_DISKS.includes(type) ? "disk" : null;
}

interface Wrong {
  readonly message: string;
  readonly remedy: string;
}

const SIZE = /^size=\d+[kmg]?$/i;
const SECRETS = /^(pass|password|password2|passwd)=/i;

/** What is wrong with the options of a kind; null: nothing. */
function wrongWith(kind: DriverKind, options: Readonly<Record<string, string>>): Wrong | null {
  const { device = "", o = "" } = options;
  const flags = o === "" ? [] : o.split(",");
  // Podman takes these for itself and refuses volumes with them.
  const taken = flags.find((flag) =>
    /^(size|inodes|noquota|timeout|copy|nocopy)(=|$)/i.test(flag) &&
    !(kind === "tmpfs" && SIZE.test(flag))
  );
  const odd = taken ??
    flags.find((flag) => !/^[A-Za-z0-9_.-]+(=[A-Za-z0-9_.:/@+\[\]-]*)?$/.test(flag));
  if (odd !== undefined) {
    return SECRETS.test(odd)
      ? { message: "a password stands in the options of a volume", remedy: CREDENTIALS }
      : {
        message: `${quoted(odd)} is not carried out in the options of a volume`,
        remedy: kind === "tmpfs"
          ? "write options of mount(8) with commas between them, and sizes such as size=64m"
          : "write options of mount(8) with commas between them",
      };
  }
  switch (kind) {
    case "folder":
      return flags.every((flag) => ["bind", "rbind", "rw", "ro"].includes(flag)) && device !== ""
        ? null
        : {
          message: `the options ${quoted(o)} of a bound folder are not carried out`,
          remedy: "write o: bind or o: bind,ro, and device: /PATH",
        };
    case "disk":
      return /^\/[^\s,]+$/.test(device) ? null : {
        message: `the device ${quoted(device)} is no path of the host`,
        remedy: "write device: /dev/NAME",
      };
    case "nfs":
      return nfsDevice(options) !== null ? null : {
        message: `${quoted(device)} with the options ${quoted(o)} is no folder of a server`,
        remedy: 'write device: ":/PATH" and o: addr=SERVER, or device: "SERVER:/PATH"',
      };
    case "cifs":
      if (flags.some((flag) => SECRETS.test(flag))) {
        return { message: "a password stands in the options of a volume", remedy: CREDENTIALS };
      }
      return /^\/\/[^/\s,]+\/[^\s,]+$/.test(device) ? null : {
        message: `the device ${quoted(device)} is no share of a server`,
        remedy: "write device: //SERVER/SHARE",
      };
    case "tmpfs":
      return ["", "tmpfs", "none"].includes(device) ? null : {
        message: `a tmpfs has no device ${quoted(device)}`,
        remedy: "write device: tmpfs",
      };
  }
}

const CREDENTIALS = "write credentials=/PATH, a file of the host that only root reads, with " +
  "username=NAME and password=PASSWORD in it";

/** `SERVER:/PATH`, by the device or by `addr` beside it; null: there is no server. */
function nfsDevice(options: Readonly<Record<string, string>>): string | null {
  const { device = "", o = "" } = options;
  const address = o.split(",").find((flag) => flag.startsWith("addr="))?.slice("addr=".length);
  const server = address !== undefined && address.includes(":") && !address.startsWith("[")
    ? `[${address}]`
    : address;
  const whole = device.startsWith(":") && server !== undefined ? `${server}${device}` : device;
  return /^([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):\/[^\s,]*$/.test(whole) ? whole : null;
}

/**
 * What the engine is told, which mounts by mount(8) and not as Docker does by the system call
 * alone: a server stands in the device, and one that does not answer is asked again by the agent,
 * not for minutes within one start.
 */
export function mountOptions(
  options: Readonly<Record<string, string>>,
): { readonly type: string; readonly device: string; readonly o: string } {
  const { type = "none", device = "", o = "" } = options;
  const flags = o === "" ? [] : o.split(",");
  switch (driverKind(options)) {
    case "nfs": {
      const kept = flags.filter((flag) => !flag.startsWith("addr="));
      if (!kept.some((flag) => /^(retry=|bg$)/.test(flag))) kept.push("retry=0");
      return { type, device: nfsDevice(options) ?? device, o: kept.join(",") };
    }
    case "tmpfs":
      return { type, device: "tmpfs", o };
    case "folder":
    case "disk":
    case "cifs":
    case null:
      return { type, device, o };
  }
}

/** `driver_opts`, as they are written; what the local driver cannot mount is reported. */
export function readDriverOptions(reading: Reading): Read<Record<string, string>> {
  return (node, label) => {
    const { problems } = reading;
    const options = readStrings(reading, () => "")(node, label);
    if (options === undefined || Object.keys(options).length === 0) return undefined;
    const report = (message: string, remedy: string): undefined => {
      problems.report(node.at, "not-carried-out", message, remedy);
      return undefined;
    };
    const unknown = Object.keys(options).find((key) => !["type", "o", "device"].includes(key));
    if (unknown !== undefined) {
      return report(
        `the option ${quoted(unknown)} of a volume is not carried out`,
        "write type, o and device",
      );
    }
    const kind = driverKind(options);
    if (kind === null) {
      return report(
        `a volume of type ${quoted(options.type ?? "none")} with the options ` +
          `${quoted(options.o ?? "")} is not carried out`,
        "write type nfs, cifs, tmpfs or a disk's, or mount it on the host (in /etc/fstab, say) " +
          "and write type: none, o: bind and its device: /PATH",
      );
    }
    const wrong = wrongWith(kind, options);
    if (wrong !== null) return report(wrong.message, wrong.remedy);
    return kind === "folder"
      ? { ...options, device: hostPath(reading, options.device ?? "", node.at) }
      : options;
  };
}
