/** What made-up inputs are thrown at: a reader of foreign bytes, and what must hold for any input. */
import type { Material } from "./mutate.ts";

export interface FuzzTarget extends Material {
  readonly name: string;
  /** Inputs of a short run: half a minute's work at most. */
  readonly short: number;
  /** Its `corpus` is what it begins with. */
  start(): Promise<FuzzRun>;
}

export interface FuzzRun extends AsyncDisposable {
  /**
   * Throws or rejects where the input is handled wrongly; true: it was taken as good.
   * Equal inputs give equal answers.
   */
  check(input: string): boolean | Promise<boolean>;
}

/** Characters as bytes. */
export function bytesOf(input: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(input.length);
  for (let i = 0; i < input.length; i++) bytes[i] = input.charCodeAt(i);
  return bytes;
}

/** Bytes as characters. */
export function inputOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => String.fromCharCode(byte)).join("");
}

/** A run without anything to close. */
export function runOf(check: FuzzRun["check"]): Promise<FuzzRun> {
  return Promise.resolve({ check, [Symbol.asyncDispose]: () => Promise.resolve() });
}
