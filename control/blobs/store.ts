/** Files by their SHA-256: what services bind. Written whole or not at all, and kept once acknowledged. */
import { createHash } from "node:crypto";
import { SkerryError } from "../../shared/errors.ts";
import { Sha256 } from "../../shared/model/hash.ts";

export interface StoredBlob {
  readonly sha256: Sha256;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
}

export interface BlobStore {
  /** Bytes; null: it is not here. */
  sizeOf(sha256: Sha256): number | null;
  /** Stores a stream under its hash; error `blob_mismatch` where the content is another, `too_large` over the limit. */
  put(sha256: Sha256, content: AsyncIterable<Uint8Array>, limitBytes: number): Promise<void>;
  /** Stores a small one at once. */
  putSync(sha256: Sha256, content: Uint8Array): void;
  /** All that are here, with when they were sent or asked for last. */
  list(): StoredBlob[];
  /** It was asked for and is here: it counts as sent just now. */
  touch(sha256: Sha256, at: number): void;
  /** One that is gone is no error. */
  remove(sha256: Sha256): void;
  /** Null: it is not here, or it was damaged: then it is dropped, so that it is asked for again. */
  open(sha256: Sha256): Promise<ReadableStream<Uint8Array> | null>;
}

function mismatch(sha256: Sha256, found: string): SkerryError {
  return new SkerryError(
    "blob_mismatch",
    `the content has the SHA-256 ${found}, not ${sha256}`,
    "The file changed while it was sent: apply again.",
  );
}

/** The error of a body over its limit. */
export function tooLarge(limitBytes: number): SkerryError {
  return new SkerryError(
    "too_large",
    `the body is larger than ${limitBytes} bytes`,
    "Put large data into a volume; files that travel are at most 64 MiB.",
  );
}

/** What a PUT writes to until its content is whole and its hash is checked. */
const TEMPORARY = /^\.[0-9a-f]{64}\.[0-9a-f-]{36}$/;

/** A PUT that a crash cut short leaves its file behind, and nobody else would remove it. */
function removeTemporaryFiles(folder: string): void {
  for (const entry of Deno.readDirSync(folder)) {
    if (entry.isFile && TEMPORARY.test(entry.name)) Deno.removeSync(`${folder}/${entry.name}`);
  }
}

const CHUNK_BYTES = 256 * 1024;

/** Reads it to its end and goes back to its start. */
async function hashOf(file: Deno.FsFile): Promise<string> {
  const hash = createHash("sha256");
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let read = await file.read(chunk); read !== null; read = await file.read(chunk)) {
    hash.update(chunk.subarray(0, read));
  }
  await file.seek(0, Deno.SeekMode.Start);
  return hash.digest("hex");
}

/**
 * Blobs in a folder, which is made where it is missing and which no other process writes to: what
 * a crash left half written there is removed.
 */
export function createBlobStore(folder: string): BlobStore {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  removeTemporaryFiles(folder);
  const pathOf = (sha256: Sha256) => `${folder}/${Sha256.parse(sha256)}`;
  const syncFolder = () => {
    const directory = Deno.openSync(folder, { read: true });
    try {
      directory.syncSync();
    } finally {
      directory.close();
    }
  };
  /** Only the very file that was read: a PUT may have put a good one in its place meanwhile. */
  const drop = (path: string, ino: number | null) => {
    try {
      if (Deno.lstatSync(path).ino !== ino) return;
      Deno.removeSync(path);
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) return;
      throw thrown;
    }
    syncFolder();
  };
  const temporary = (sha256: Sha256) => `${folder}/.${sha256}.${crypto.randomUUID()}`;
  return {
    sizeOf(sha256) {
      try {
        return Deno.statSync(pathOf(sha256)).size;
      } catch (thrown) {
        if (thrown instanceof Deno.errors.NotFound) return null;
        throw thrown;
      }
    },
    async put(sha256, content, limitBytes) {
      const path = temporary(sha256);
      try {
        const file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
        const hash = createHash("sha256");
        let size = 0;
        try {
          for await (const chunk of content) {
            size += chunk.length;
            if (size > limitBytes) throw tooLarge(limitBytes);
            hash.update(chunk);
            for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
          }
          await file.sync();
        } finally {
          file.close();
        }
        const found = hash.digest("hex");
        if (found !== sha256) throw mismatch(sha256, found);
        await Deno.rename(path, pathOf(sha256));
        syncFolder();
      } catch (thrown) {
        await Deno.remove(path).catch(() => undefined);
        throw thrown;
      }
    },
    putSync(sha256, content) {
      const found = createHash("sha256").update(content).digest("hex");
      if (found !== sha256) throw mismatch(sha256, found);
      const path = temporary(sha256);
      const file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
      try {
        for (let at = 0; at < content.length;) at += file.writeSync(content.subarray(at));
        file.syncSync();
      } finally {
        file.close();
      }
      Deno.renameSync(path, pathOf(sha256));
      syncFolder();
    },
    list() {
      const found: StoredBlob[] = [];
      for (const { name, isFile } of Deno.readDirSync(folder)) {
        const sha256 = Sha256.safeParse(name);
        if (!isFile || !sha256.success) continue;
        const { size, mtime } = Deno.statSync(`${folder}/${name}`);
        found.push({ sha256: sha256.data, bytes: size, changedAt: mtime?.getTime() ?? 0 });
      }
      return found.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
    },
    touch(sha256, at) {
      try {
        Deno.utimeSync(pathOf(sha256), at / 1000, at / 1000);
      } catch (thrown) {
        // It went meanwhile: then it is asked for.
        if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
      }
    },
    remove(sha256) {
      try {
        Deno.removeSync(pathOf(sha256));
      } catch (thrown) {
        if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
      }
    },
    async open(sha256) {
      const path = pathOf(sha256);
      let file: Deno.FsFile;
      try {
        file = await Deno.open(path, { read: true });
      } catch (thrown) {
        if (thrown instanceof Deno.errors.NotFound) return null;
        throw thrown;
      }
      try {
        if (await hashOf(file) === sha256) return file.readable;
        drop(path, file.statSync().ino);
        file.close();
        return null;
      } catch (thrown) {
        file.close();
        throw thrown;
      }
    },
  };
}
