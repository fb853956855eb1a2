/**
 * The certificate that somebody handed in, for the page and the ingress of a home. Its key lies in a
 * file of mode 0600, as the authority's own does: the ingress has to read it without anybody's help.
 */
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../atomic_file.ts";
import { sha256 } from "../model/hash.ts";
import { checkUpload } from "./check_upload.ts";
import { type CertificateFacts, readCertificate } from "./read.ts";

/** Absolute paths of PEM files, which never change; and what the certificate says. */
export interface UploadedPair {
  readonly certFile: string;
  readonly keyFile: string;
  readonly facts: CertificateFacts;
}

export interface Uploaded {
  /** Null: there is none, or its files are damaged. */
  current(): Promise<UploadedPair | null>;
  /** Errors: those of checkUpload; then the one before stays. */
  put(certificate: string, key: string, now: number): Promise<UploadedPair>;
  /** False: there was none. */
  remove(): Promise<boolean>;
}

const Pointer = z.strictObject({ stem: z.string().regex(/^uploaded-[0-9a-f]{16}$/) });

/** @param dir a folder of its own */
export function createUploaded(dir: string): Uploaded {
  const pointerFile = `${dir}/current.json`;

  async function stemInUse(): Promise<string | null> {
    try {
      return Pointer.parse(JSON.parse((await readTextIfThere(pointerFile)) ?? "")).stem;
    } catch {
      return null;
    }
  }

  async function current(): Promise<UploadedPair | null> {
    const stem = await stemInUse();
    if (stem === null) return null;
    const files = { certFile: `${dir}/${stem}.pem`, keyFile: `${dir}/${stem}.key` };
    const pem = await readTextIfThere(files.certFile);
    if (pem === null || await readTextIfThere(files.keyFile) === null) return null;
    try {
      return { ...files, facts: readCertificate(pem) };
    } catch {
      return null;
    }
  }

  async function removeOthers(kept: readonly string[]): Promise<void> {
    for await (const { name } of Deno.readDir(dir)) {
      if (!name.startsWith("uploaded-") || kept.some((stem) => name.startsWith(stem))) continue;
      await Deno.remove(`${dir}/${name}`);
    }
  }

  return {
    current,
    async put(certificate, key, now) {
      const checked = checkUpload(certificate, key, now);
      const before = await stemInUse();
      await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
      const stem = `uploaded-${sha256(checked.certificate + checked.key).slice(0, 16)}`;
      await writeFileAtomically(`${dir}/${stem}.key`, checked.key, 0o600);
      await writeFileAtomically(`${dir}/${stem}.pem`, checked.certificate, 0o644);
      await writeFileAtomically(pointerFile, JSON.stringify({ stem }) + "\n", 0o644);
      // The ingress may still read the one before; of older ones nothing is left.
      await removeOthers([stem, ...(before === null ? [] : [before])]);
      return {
        certFile: `${dir}/${stem}.pem`,
        keyFile: `${dir}/${stem}.key`,
        facts: readCertificate(checked.certificate),
      };
    },
    async remove() {
      const there = await readTextIfThere(pointerFile);
      if (there === null) return false;
      await Deno.remove(pointerFile);
      await removeOthers([]);
      return true;
    },
  };
}
