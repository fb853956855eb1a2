/** The node's three keys, made at first start and never sent: to sign, to be sealed to, for WireGuard. */
import { join } from "node:path";
import nacl from "tweetnacl";
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../../shared/atomic_file.ts";
import { SkerryError } from "../../shared/errors.ts";
import { decodeBase64, encodeBase64 } from "../../shared/signing/base64.ts";

const seed = z.base64().length(44);
const KeyFile = z.strictObject({ sign: seed, seal: seed, wg: seed });

export interface NodeKeys {
  /** 32 bytes: the seed of the Ed25519 key. */
  readonly signSeed: Uint8Array;
  /** 32 bytes: the Curve25519 secret that secrets are sealed to. */
  readonly sealSecret: Uint8Array;
  /** Public keys, base64, as they are told at enrolment. */
  readonly public: { readonly sign: string; readonly seal: string; readonly wg: string };
}

/** Reads the keys, or makes them where there are none. `random` gives bytes fit for keys. */
export async function loadNodeKeys(
  folder: string,
  random: (length: number) => Uint8Array,
): Promise<NodeKeys> {
  const path = join(folder, "node.json");
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const text = await readTextIfThere(path);
  if (text !== null) return fromFile(path, text);
  const made = {
    sign: encodeBase64(random(32)),
    seal: encodeBase64(random(32)),
    wg: encodeBase64(random(32)),
  };
  const content = JSON.stringify(made);
  await writeFileAtomically(path, content, 0o600);
  return fromFile(path, content);
}

function fromFile(path: string, text: string): NodeKeys {
  const file = KeyFile.safeParse(parseJson(text));
  if (!file.success) {
    throw new SkerryError(
      "bad_node_keys",
      `the node's key file "${path}" cannot be read as one`,
      "put the right file back from a backup; without it, move the agent's folder away and join the node again",
    );
  }
  const signSeed = decodeBase64(file.data.sign);
  const sealSecret = decodeBase64(file.data.seal);
  const wgSecret = decodeBase64(file.data.wg);
  return {
    signSeed,
    sealSecret,
    public: {
      sign: encodeBase64(nacl.sign.keyPair.fromSeed(signSeed).publicKey),
      seal: encodeBase64(nacl.box.keyPair.fromSecretKey(sealSecret).publicKey),
      wg: encodeBase64(nacl.box.keyPair.fromSecretKey(wgSecret).publicKey),
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
