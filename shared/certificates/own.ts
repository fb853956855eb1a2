/**
 * A certificate from the home's own authority, so that https works with no network: for all names
 * of the page, or of the ingress, and renewed when they change or its end is near.
 */
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../atomic_file.ts";
import { canonicalJson, sha256 } from "../model/hash.ts";
import { type Authority, randomBytes } from "./authority.ts";
import { isPermitted } from "./constraints.ts";
import { SubjectName, subjectNames } from "./names.ts";
import { isFresh } from "./span.ts";
import { permitsOf, readCertificate } from "./read.ts";

/** Certificates of earlier names that are kept: the proxy may still read them. */
const KEPT_LEAVES = 8;

/** Which certificate is in use, and the names that it was made for. */
const Pointer = z.strictObject({
  stem: z.string().regex(/^leaf-[0-9a-f]{16}$/),
  names: z.array(SubjectName),
});

export interface OwnCertificatesDeps {
  /** A folder of their own. */
  readonly dir: string;
  readonly authority: Authority;
}

/** Absolute paths of PEM files. `certFile` holds the certificate and, behind it, the authority's. */
export interface OwnCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** What a browser has to trust. */
  readonly caFile: string;
}

export interface OwnCertificates {
  /** The certificate for these names; null: there is none yet, or it is due to be renewed. */
  current(hosts: readonly string[], now: number): Promise<OwnCertificate | null>;
  /**
   * Makes what is missing. Files never change: a new certificate has new names, so no mismatched
   * pair can be read. Errors: `ca_damaged`.
   */
  ensure(
    hosts: readonly string[],
    now: number,
  ): Promise<OwnCertificate & { readonly changed: boolean }>;
  readonly caFile: string;
  /** The certificate that was made last (PEM), for whatever names; null: there is none. */
  latest(): Promise<string | null>;
}

export function createOwnCertificates(deps: OwnCertificatesDeps): OwnCertificates {
  const { dir, authority } = deps;
  const { caFile } = authority;
  const pointerFile = `${dir}/current.json`;

  async function current(
    hosts: readonly string[],
    now: number,
  ): Promise<OwnCertificate | null> {
    const pointer = parsePointer(await readTextIfThere(pointerFile));
    if (pointer === null) return null;
    const { stem, names } = pointer;
    const files = { certFile: `${dir}/${stem}.pem`, keyFile: `${dir}/${stem}.key`, caFile };
    const [pem, key, ca] = [
      await readTextIfThere(files.certFile),
      await readTextIfThere(files.keyFile),
      await readTextIfThere(caFile),
    ];
    if (pem === null || key === null || ca === null) return null;
    try {
      const facts = readCertificate(pem);
      const covers = canonicalJson(signable(hosts, ca)) === canonicalJson(names);
      const fresh = isFresh(facts.notBefore, facts.notAfter, now);
      return fresh && covers && facts.signedBy(ca) ? files : null;
    } catch {
      return null;
    }
  }

  async function issue(hosts: readonly string[], now: number): Promise<OwnCertificate> {
    const ca = await authority.pair();
    const names = signable(hosts, ca.certificate);
    const { issueLeaf } = await import("./issue.ts");
    const leaf = await issueLeaf(ca, names, now, randomBytes(16));
    const stem = `leaf-${sha256(leaf.certificate).slice(0, 16)}`;
    const files = { certFile: `${dir}/${stem}.pem`, keyFile: `${dir}/${stem}.key`, caFile };
    await writeFileAtomically(files.keyFile, leaf.key, 0o600);
    await writeFileAtomically(files.certFile, leaf.certificate, 0o644);
    await writeFileAtomically(pointerFile, JSON.stringify({ stem, names }) + "\n", 0o644);
    await removeOldLeaves(dir);
    return files;
  }

  return {
    caFile,
    current,
    async latest() {
      const pointer = parsePointer(await readTextIfThere(pointerFile));
      return pointer === null ? null : await readTextIfThere(`${dir}/${pointer.stem}.pem`);
    },
    async ensure(hosts, now) {
      await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
      const there = await current(hosts, now);
      if (there !== null) return { ...there, changed: false };
      return { ...await issue(hosts, now), changed: true };
    },
  };
}

/** The names that the authority may sign for; others it leaves out, or nobody would believe the rest. */
function signable(hosts: readonly string[], authorityPem: string): readonly SubjectName[] {
  const permits = permitsOf(authorityPem);
  const names = subjectNames(hosts);
  return permits === null ? names : names.filter((name) => isPermitted(permits, name));
}

function parsePointer(text: string | null): z.infer<typeof Pointer> | null {
  try {
    return text === null ? null : Pointer.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function removeOldLeaves(dir: string): Promise<void> {
  const leaves: { readonly stem: string; readonly made: number }[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    const stem = /^(leaf-[0-9a-f]{16})\.key$/.exec(name)?.[1];
    if (stem === undefined) continue;
    leaves.push({ stem, made: (await Deno.stat(`${dir}/${name}`)).mtime?.getTime() ?? 0 });
  }
  leaves.sort((a, b) => b.made - a.made);
  for (const { stem } of leaves.slice(KEPT_LEAVES)) {
    await Deno.remove(`${dir}/${stem}.key`).catch(() => {});
    await Deno.remove(`${dir}/${stem}.pem`).catch(() => {});
  }
}
