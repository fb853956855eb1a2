/** Looks at the disk, the database, the files and the certificates of a home. */
import { X509Certificate } from "node:crypto";
import { basename } from "node:path";
import { z } from "zod";
import { readSpace } from "../../shared/disk_space.ts";
import type { HomeLayout } from "../../shared/home.ts";
import type { DiskReport } from "../../shared/model/disk.ts";
import { VolumesSection } from "../../shared/model/sections.ts";
import { checkDatabase } from "../../shared/sqlite/check.ts";
import { findProgram, namesIn, textOf } from "./probe.ts";
import {
  type CertificateFacts,
  type DatabaseFacts,
  type FileFacts,
  type MemoryFacts,
  mountProgram,
  type ShareFacts,
  type StorageFacts,
} from "./storage.ts";

/** The mount that a path lies on, from /proc/self/mountinfo: the longest that is its beginning. Pure. */
export function mountOf(
  mountinfo: string,
  path: string,
): { readonly fileSystem: string; readonly readOnly: boolean } | null {
  let best: { at: string; fileSystem: string; readOnly: boolean } | null = null;
  for (const line of mountinfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const fields = before.split(" ");
    const [fileSystem = "", , superOptions = ""] = after.split(" ");
    const at = (fields[4] ?? "").replaceAll("\\040", " ");
    if (at === "" || fileSystem === "") continue;
    if (path !== at && !path.startsWith(at === "/" ? "/" : `${at}/`)) continue;
    const options = [...(fields[5] ?? "").split(","), ...superOptions.split(",")];
    // Of mounts at one place the last one is on top.
    if (best === null || at.length >= best.at.length) {
      best = { at, fileSystem, readOnly: options.includes("ro") };
    }
  }
  return best;
}

/** The disk that the home lies on. */
export async function lookAtStorage(
  layout: HomeLayout,
  highPercent: number,
  disk: DiskReport | null,
  runs: boolean,
): Promise<StorageFacts> {
  const mount = mountOf(await textOf("/proc/self/mountinfo"), layout.home);
  return {
    home: layout.home,
    space: readSpace(layout.home),
    highPercent,
    disk,
    runs,
    fileSystem: mount?.fileSystem ?? null,
    readOnly: mount?.readOnly ?? false,
  };
}

/** From /proc/meminfo. Pure. */
export function readMeminfo(text: string): MemoryFacts | null {
  const of = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1];
    return found === undefined ? null : Number(found) * 1024;
  };
  const totalBytes = of("MemTotal");
  const availableBytes = of("MemAvailable");
  return totalBytes === null || availableBytes === null ? null : { totalBytes, availableBytes };
}

/** The control plane's database, read beside whoever writes it. */
export async function lookAtDatabase(path: string): Promise<DatabaseFacts> {
  const stat = await Deno.stat(path).catch((thrown: unknown) => thrown);
  if (stat instanceof Deno.errors.NotFound) return { kind: "absent" };
  if (!(typeof stat === "object" && stat !== null && "size" in stat)) {
    return { kind: "unreadable", reason: "it may not be read" };
  }
  const bytes = Number(stat.size);
  // An empty file is what a first start leaves that was cut short.
  if (bytes === 0) return { kind: "absent" };
  const checked = checkDatabase(path);
  return checked.kind === "whole" ? { kind: "whole", bytes } : checked;
}

/** Folders of a home that hold certificates and their keys. */
export function certificateFolders(layout: HomeLayout): readonly string[] {
  return [
    layout.certificatesDir,
    `${layout.certificatesDir}/page`,
    `${layout.certificatesDir}/ingress`,
    `${layout.certificatesDir}/uploaded`,
  ];
}

/** What nobody but root may use, as far as it is there. */
export async function lookAtFiles(layout: HomeLayout): Promise<FileFacts[]> {
  const control = `${layout.home}/control`;
  const within = async (folder: string, wanted: (name: string) => boolean = () => true) =>
    (await namesIn(folder)).filter(wanted).map((name) => `${folder}/${name}`);
  const folders = await Promise.all(
    certificateFolders(layout).map((folder) => within(folder, (name) => /\.key$/.test(name))),
  );
  const paths = [
    ...[control, layout.agentDir, layout.logsDir, layout.podmanDir, layout.secretsDir],
    ...[layout.controlKeys, layout.agentKeys, layout.controlSocket, layout.podmanSocket],
    ...await within(control, (name) => /\.db(-wal|-shm)?$/.test(name)),
    ...await within(layout.controlKeys),
    ...await within(layout.agentKeys),
    ...folders.flat(),
  ];
  const facts: FileFacts[] = [];
  for (const path of paths) {
    const stat = await Deno.lstat(path).catch(() => null);
    if (stat === null) continue;
    facts.push({
      path,
      mode: (stat.mode ?? 0) & 0o777,
      uid: stat.uid ?? 0,
      folder: stat.isDirectory,
    });
  }
  return facts;
}

/** Volumes of network shares, by what the node was told last. */
export async function lookAtShares(layout: HomeLayout, path: string): Promise<ShareFacts[]> {
  const byType = new Map<string, Set<string>>();
  for (const name of await namesIn(layout.agentBlobs)) {
    const text = await textOf(`${layout.agentBlobs}/${name}`);
    if (!text.startsWith('{"capability":"volumes"')) continue;
    const section = VolumesSection.safeParse(json(text));
    for (const volume of section.success ? section.data.volumes : []) {
      const type = volume.options?.type;
      if (type === undefined || mountProgram(type) === null) continue;
      byType.set(type, (byType.get(type) ?? new Set()).add(volume.engineName));
    }
  }
  return await Promise.all(
    [...byType].sort().map(async ([type, volumes]) => ({
      type,
      volumes: [...volumes].sort(),
      helper: await findProgram(mountProgram(type) ?? "", path) !== null,
    })),
  );
}

/** The certificates of a home: authorities, what they signed, and what people put there. */
export async function lookAtCertificates(layout: HomeLayout): Promise<CertificateFacts[]> {
  const found: CertificateFacts[] = [];
  for (const folder of certificateFolders(layout)) {
    const names = await namesIn(folder);
    const pointer = z.object({ stem: z.string() })
      .safeParse(json(await textOf(`${folder}/current.json`)));
    const current = pointer.success ? `${pointer.data.stem}.pem` : null;
    for (const name of names.filter((each) => /\.(pem|crt)$/.test(each))) {
      // Leaves of earlier names are kept for who still reads them.
      if (/^(leaf|uploaded)-/.test(name) && current !== null && name !== current) continue;
      const path = `${folder}/${name}`;
      found.push({ path, kind: kindOf(path), life: lifeOf(await textOf(path)) });
    }
  }
  return found;
}

function kindOf(path: string): CertificateFacts["kind"] {
  const name = basename(path);
  if (/^(ca|authority)\b/.test(name)) return "authority";
  return /^leaf-/.test(name) ? "leaf" : "uploaded";
}

function lifeOf(pem: string): CertificateFacts["life"] {
  try {
    const { validFrom, validTo } = new X509Certificate(pem);
    return { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) };
  } catch {
    return null;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
