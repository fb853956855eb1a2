/** The control plane's own keys: made at first start, kept in files of mode 0600 beside the database. */
import { createHmac } from "node:crypto";
import { z } from "zod";
import { writeFileAtomically } from "../shared/atomic_file.ts";
import { SkerryError } from "../shared/errors.ts";
import { canonicalJson } from "../shared/model/hash.ts";
import { KeyId, makeId } from "../shared/model/ids.ts";
import type { RandomBytes } from "../shared/sealing/seal.ts";
import { decodeBase64, encodeBase64 } from "../shared/signing/base64.ts";
import { hmacSha256 } from "../shared/signing/hmac.ts";
import { type SigningKey, signingKeyFromSeed } from "../shared/signing/ed25519.ts";

export interface ControlKeys {
  /** Signs manifests. */
  readonly signing: SigningKey;
  /** 32 bytes; what is secret in the database is encrypted under it. */
  readonly master: Uint8Array;
}

const KeyFile = z.strictObject({
  schema: z.literal(1),
  signing: z.strictObject({ id: KeyId, seed: z.base64().length(44) }),
  master: z.base64().length(44),
});

/** Fresh keys. */
export function makeControlKeys(random: RandomBytes): ControlKeys {
  return parseKeys(makeKeyFile(random));
}

function makeKeyFile(random: RandomBytes): z.infer<typeof KeyFile> {
  return {
    schema: 1,
    signing: { id: KeyId.parse(makeId("key", random(26))), seed: encodeBase64(random(32)) },
    master: encodeBase64(random(32)),
  };
}

function parseKeys(file: z.infer<typeof KeyFile>): ControlKeys {
  return {
    signing: signingKeyFromSeed(file.signing.id, decodeBase64(file.signing.seed)),
    master: decodeBase64(file.master),
  };
}

/**
 * Reads the keys of a folder, or makes them. A file that cannot be read is an error
 * `keys_unreadable`: new keys beside an old database would lose its secrets.
 * @param databaseExists there is a database already: then missing keys are an error `keys_missing`
 */
export async function loadControlKeys(
  folder: string,
  databaseExists: boolean,
  random: RandomBytes,
): Promise<ControlKeys> {
  const path = `${folder}/control.json`;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    if (databaseExists) {
      throw new SkerryError(
        "keys_missing",
        `there is a control database, but its keys "${path}" are missing`,
        "Put the keys back from a backup; without them its secrets cannot be read.",
      );
    }
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const made = makeKeyFile(random);
    await writeFileAtomically(path, JSON.stringify(made), 0o600);
    return parseKeys(made);
  }
  try {
    return parseKeys(KeyFile.parse(JSON.parse(text)));
  } catch (cause) {
    throw new SkerryError(
      "keys_unreadable",
      `the control plane's keys "${path}" cannot be read`,
      "Put the file back from a backup.",
      { cause },
    );
  }
}

/** Keyed hash of a JSON value for a purpose: equal values are equal, and nothing is given away. */
export function keyedHash(keys: ControlKeys, purpose: string, value: unknown): string {
  return keyedHasher(keys, purpose)(value);
}

/** {@link keyedHash} of many values for one purpose. */
export function keyedHasher(keys: ControlKeys, purpose: string): (value: unknown) => string {
  const hmac = hmacSha256(createHmac("sha256", keys.master).update(`skerry ${purpose}`).digest());
  return (value) => hmac(canonicalJson(value));
}
