/** Environment values as they are stored: a JSON record, encrypted under the master key. */
import { z } from "zod";
import { canonicalJson } from "../../shared/model/hash.ts";
import { decryptAtRest, encryptAtRest, type RandomBytes } from "../../shared/sealing/seal.ts";
import type { ControlKeys } from "../keys.ts";

const Values = z.record(z.string(), z.string());

/** Null where there are no variables. */
export function storedEnvironment(
  keys: ControlKeys,
  values: Readonly<Record<string, string>>,
  random: RandomBytes,
): Uint8Array<ArrayBuffer> | null {
  if (Object.keys(values).length === 0) return null;
  return encryptAtRest(keys.master, new TextEncoder().encode(canonicalJson(values)), random);
}

/** The values behind what {@link storedEnvironment} made. */
export function environmentRecord(
  keys: ControlKeys,
  stored: Uint8Array | null,
): Record<string, string> {
  if (stored === null) return {};
  return Values.parse(JSON.parse(new TextDecoder().decode(decryptAtRest(keys.master, stored))));
}
