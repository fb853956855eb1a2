/**
 * The private authority of a home: made once, used by the page and by the ingress, which are two
 * programs where control plane and agent are apart. Only its own certificate is ever handed out.
 */
import { readTextIfThere, writeFileAtomically } from "../atomic_file.ts";
import { SkerryError } from "../errors.ts";
import { permitsFor } from "./constraints.ts";
import type { PemPair } from "./issue.ts";
import { subjectNames } from "./names.ts";
import { readCertificate } from "./read.ts";

export interface AuthorityDeps {
  /** A folder of its own. */
  readonly dir: string;
  /** Shown in the authority's name, such as the host's name. */
  readonly label: string;
  /** Names and addresses of the host, which it may sign for beside all that is private by its kind. */
  readonly names?: () => readonly string[];
  /** Where an authority of an earlier version lies; it is taken over. */
  readonly earlierDir?: string;
  readonly randomBytes?: (count: number) => Uint8Array;
}

export interface Authority {
  /** What a browser has to trust. */
  readonly caFile: string;
  /** Its certificate (PEM), made at the first call. Errors: `ca_damaged`. */
  certificate(): Promise<string>;
  /** Both halves, for signing. Errors: `ca_damaged`. */
  pair(): Promise<PemPair>;
}

/** 16 of them make a serial number. */
export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

export function createAuthority(deps: AuthorityDeps): Authority {
  const { dir, label, earlierDir } = deps;
  const random = deps.randomBytes ?? randomBytes;
  const caFile = `${dir}/ca.pem`;
  const keyFile = `${dir}/ca.key`;

  function damaged(cause: unknown): SkerryError {
    return new SkerryError(
      "ca_damaged",
      `the private authority of this home cannot be read ("${caFile}", "${keyFile}")`,
      `Put both files back from a backup, or remove both: browsers then have to trust a new one.`,
      { cause },
    );
  }

  async function there(): Promise<PemPair | null> {
    const [certificate, key] = [await readTextIfThere(caFile), await readTextIfThere(keyFile)];
    if (certificate === null) return null;
    // The key is written first: a certificate without key means that somebody removed it.
    if (key === null) throw damaged(null);
    try {
      readCertificate(certificate);
    } catch (thrown) {
      throw damaged(thrown);
    }
    return { certificate, key };
  }

  async function takeOver(): Promise<void> {
    if (earlierDir === undefined) return;
    const certificate = await readTextIfThere(`${earlierDir}/ca.pem`);
    const key = await readTextIfThere(`${earlierDir}/ca.key`);
    if (certificate === null || key === null) return;
    await writeFileAtomically(keyFile, key, 0o600);
    await writeFileAtomically(caFile, certificate, 0o644);
    await Deno.remove(`${earlierDir}/ca.key`);
    await Deno.remove(`${earlierDir}/ca.pem`);
  }

  async function pair(): Promise<PemPair> {
    const known = await there();
    if (known !== null) return known;
    await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
    using lock = await Deno.open(`${dir}/lock`, { write: true, create: true, mode: 0o600 });
    await lock.lock(true);
    await takeOver();
    const meanwhile = await there();
    if (meanwhile !== null) return meanwhile;
    const { issueAuthority } = await import("./issue.ts");
    const made = await issueAuthority({
      label: `Skerry ${label}`,
      serial: random(16),
      permits: permitsFor(subjectNames(deps.names?.() ?? [])),
    });
    await writeFileAtomically(keyFile, made.key, 0o600);
    await writeFileAtomically(caFile, made.certificate, 0o644);
    return made;
  }

  return { caFile, pair, certificate: async () => (await pair()).certificate };
}
