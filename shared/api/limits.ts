import { z } from "zod";

/** The most that one request may carry; a larger body is answered with 413. */
export const LIMITS = {
  /** JSON bodies without a limit of their own. */
  jsonBytes: 1 << 20,
  /** A plan or release: model, file list and secret values. */
  releaseBytes: 32 << 20,
  /** One file that a service binds. */
  blobBytes: 64 << 20,
  /** One secret's value. */
  secretBytes: 512 << 10,
  /** A password or token for a registry. */
  passwordBytes: 64 << 10,
  /** A report of a node. */
  reportBytes: 16 << 20,
  /** A build context as a tar. */
  buildBytes: 8 * 1024 ** 3,
  /** An archive of images. */
  archiveBytes: 256 * 1024 ** 3,
  /** The longest time that a request for the expected state is held. */
  waitSeconds: 300,
  /** The longest time that a request of a person who watches is held. */
  watchSeconds: 60,
} as const;

/** A name for one request, the same in its repeats. */
export const IdempotencyKey = z.string().regex(/^[!-~](?:[ -~]{0,198}[!-~])?$/);
