/** Disk, memory, database and files of a home. Pure. */
import { bytesText } from "../../shared/bytes_text.ts";
import { diskSentence, FREE_SPACE } from "../../shared/disk_text.ts";
import {
  type DiskReport,
  levelOf,
  reserveBytes,
  type Space,
  usedPercent,
} from "../../shared/model/disk.ts";
import { bad, type Finding, install, ok, warning } from "./finding.ts";

export interface StorageFacts {
  readonly home: string;
  /** Of the disk that the home lies on; null: not known. */
  readonly space: Space | null;
  readonly highPercent: number;
  /** What the node says of it. */
  readonly disk: DiskReport | null;
  /** What lies there already has what it needs. */
  readonly runs: boolean;
  /** Such as `ext4`; null: not known. */
  readonly fileSystem: string | null;
  readonly readOnly: boolean;
}

const LEAST_FREE_BYTES = 2 * 1024 ** 3;
/** No upper layers of images are possible there, or a database is not safe. */
const UNFIT = /^(nfs4?|cifs|smb3|vfat|exfat|ntfs3?|fuse\..*|overlay|9p)$/;
const GONE_AT_BOOT = /^(tmpfs|ramfs)$/;

/** Space, files, and whether the file system is fit. */
export function storageFindings(facts: StorageFacts): Finding[] {
  const { home, fileSystem, readOnly } = facts;
  const findings = [space(facts)];
  const what = "file system";
  if (readOnly) {
    findings.push(bad(
      what,
      `${home} is mounted read-only: nothing can be kept`,
      `dmesg | grep -i 'remount\\|I/O error', then: mount -o remount,rw "$(df --output=target ${home} | tail -n 1)"`,
    ));
  } else if (fileSystem !== null && UNFIT.test(fileSystem)) {
    findings.push(bad(
      what,
      `${home} lies on ${fileSystem}, which carries neither images' layers nor a database safely`,
      "choose a folder on ext4, xfs or btrfs: --home",
    ));
  } else if (fileSystem !== null && GONE_AT_BOOT.test(fileSystem)) {
    findings.push(warning(
      what,
      `${home} lies on ${fileSystem}: all of it is gone at the next boot`,
      "choose a folder on a disk: --home",
    ));
  } else if (fileSystem !== null) findings.push(ok(what, fileSystem));
  return findings;
}

function space({ home, space: now, highPercent, disk, runs }: StorageFacts): Finding {
  const what = "disk";
  if (now === null) return warning(what, "not known");
  const said = disk === null
    ? `${usedPercent(now)} % full (told from ${highPercent} % on), ${
      bytesText(now.freeBytes)
    } are free`
    : diskSentence(disk);
  const fewFiles = now.inodes > 0 && now.freeInodes / now.inodes < 0.1
    ? `, and only ${now.freeInodes} more files fit on it`
    : "";
  const found = `${home}: ${said}${fewFiles}`;
  const remedy = fewFiles === ""
    ? FREE_SPACE
    : `many small files take them (du --inodes -x -d 3 / | sort -n | tail); ${FREE_SPACE}`;
  switch (levelOf(now, { highPercent })) {
    case "full":
      return bad(
        what,
        `${found}; below ${bytesText(reserveBytes(now))} nothing is fetched, built or sent`,
        remedy,
      );
    case "filling":
      return warning(what, found, remedy);
    case "ok":
      break;
  }
  return now.freeBytes >= LEAST_FREE_BYTES || runs
    ? ok(what, found)
    : bad(what, found, "free 2 GiB, or choose another folder: --home");
}

export interface MemoryFacts {
  readonly totalBytes: number;
  readonly availableBytes: number;
}

const SMALL_BYTES = 480 * 1024 ** 2;

/** Enough memory, and some of it free? */
export function memoryFindings(memory: MemoryFacts | null): Finding[] {
  if (memory === null) return [];
  const { totalBytes, availableBytes } = memory;
  const found = `${bytesText(availableBytes)} of ${bytesText(totalBytes)} can be had`;
  if (totalBytes < SMALL_BYTES) {
    return [warning("memory", `${found}: little for containers beside Skerry`, "add memory")];
  }
  return [
    availableBytes < totalBytes / 20
      ? warning(
        "memory",
        `${found}: the kernel may soon kill containers`,
        "ps -eo rss,comm --sort=-rss | head; give greedy services a `mem_limit`",
      )
      : ok("memory", found),
  ];
}

/** What was asked of the control plane's database. */
export type DatabaseFacts =
  | { readonly kind: "absent" }
  | { readonly kind: "whole"; readonly bytes: number }
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "damaged"; readonly reason: string };

/** Is the database whole? */
export function databaseFindings(path: string, facts: DatabaseFacts): Finding[] {
  const what = "database";
  switch (facts.kind) {
    case "absent":
      return [ok(what, "none yet")];
    case "whole":
      return [ok(what, `${path} is whole (${bytesText(facts.bytes)})`)];
    case "unreadable":
      return [warning(what, `${path} cannot be read: ${facts.reason}`, "sudo skerry doctor")];
    case "damaged":
      return [bad(
        what,
        `${path} is damaged: ${facts.reason}`,
        `end skerry; mkdir ${path}.damaged && mv ${path} ${path}-wal ${path}-shm ${path}.damaged/; ` +
          "then put a backup in its place, or start with an empty one: containers and volumes stay",
      )];
  }
}

export interface FileFacts {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly folder: boolean;
}

/** Nobody but root may read keys, databases and sockets. */
export function fileFindings(files: readonly FileFacts[]): Finding[] {
  const what = "permissions";
  const open = files.filter(({ mode, uid }) => (mode & 0o077) !== 0 || uid !== 0);
  if (open.length === 0) {
    return [ok(what, files.length === 0 ? "nothing there yet" : `${files.length} are right`)];
  }
  return open.map(({ path, mode, uid, folder }) => {
    const owner = uid === 0 ? "" : `chown root:root ${path} && `;
    const said = uid === 0
      ? `others may use it (mode ${mode.toString(8)})`
      : `it belongs to user ${uid}`;
    return bad(what, `${path}: ${said}`, `${owner}chmod ${folder ? "700" : "600"} ${path}`);
  });
}

export interface ShareFacts {
  /** Type of a volume's file system, such as `nfs`. */
  readonly type: string;
  readonly volumes: readonly string[];
  readonly helper: boolean;
}

const HELPER: Readonly<Record<string, { program: string; name: string }>> = {
  nfs: { program: "mount.nfs", name: "nfs-common" },
  nfs4: { program: "mount.nfs", name: "nfs-common" },
  cifs: { program: "mount.cifs", name: "cifs-utils" },
  smb3: { program: "mount.cifs", name: "cifs-utils" },
};

/** The program that mounts such a file system; null: the kernel needs none. */
export function mountProgram(type: string): string | null {
  return HELPER[type]?.program ?? null;
}

/** Volumes of network shares need programs of their own. */
export function shareFindings(shares: readonly ShareFacts[]): Finding[] {
  return shares.flatMap(({ type, volumes, helper }): Finding[] => {
    const wanted = HELPER[type];
    if (wanted === undefined) return [];
    return [
      helper ? ok(wanted.name, wanted.program) : bad(
        wanted.name,
        `${wanted.program} is missing, and ${volumes.join(", ")} wants it (${type})`,
        install(wanted.name),
      ),
    ];
  });
}

export interface CertificateFacts {
  readonly path: string;
  /** `authority` ends in centuries, `leaf` is renewed by Skerry, `uploaded` is a person's. */
  readonly kind: "authority" | "leaf" | "uploaded";
  /** Null: it is no certificate. */
  readonly life: { readonly notBefore: number; readonly notAfter: number } | null;
}

const SOON_MS = { authority: 30 * 86_400_000, leaf: 7 * 86_400_000, uploaded: 30 * 86_400_000 };

/** How long certificates last yet. */
export function certificateFindings(
  certificates: readonly CertificateFacts[],
  now: number,
): Finding[] {
  return certificates.map(({ path, kind, life }): Finding => {
    const what = `certificate (${kind})`;
    const renew = kind === "uploaded"
      ? "upload a new one"
      : kind === "leaf"
      ? "`skerry up` renews it by itself: see its log for why it did not"
      : "remove it with its key: `skerry up` makes a new one, which browsers have to trust anew";
    if (life === null) return bad(what, `${path} cannot be read`, renew);
    const until = new Date(life.notAfter).toISOString().slice(0, 10);
    if (life.notAfter <= now) return bad(what, `${path} ended on ${until}`, renew);
    if (life.notBefore > now) {
      return bad(what, `${path} is not yet valid: the clock is wrong`, "timedatectl set-ntp true");
    }
    return life.notAfter - now < SOON_MS[kind]
      ? warning(what, `${path} ends on ${until}`, renew)
      : ok(what, `${path}: until ${until}`);
  });
}
