/** Uploads between their plan and the word to carry it out: on disk, few, for an hour, each its own account's. */
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomically } from "../../shared/atomic_file.ts";
import type { Clock } from "../../shared/clock.ts";
import { SkerryError } from "../../shared/errors.ts";
import { RetryLater } from "../retry_later.ts";

const Meta = z.object({
  /** Who sent it; nobody else sees it. */
  owner: z.string(),
  at: z.number(),
  name: z.string().nullable(),
  modes: z.record(z.string(), z.number()),
  projectName: z.string().nullable(),
  /** As typed on the page. */
  variables: z.record(z.string(), z.string()),
});
type Meta = z.infer<typeof Meta>;

export interface HeldUpload extends Meta {
  readonly id: string;
  /** Where its files lie. */
  readonly folder: string;
}

const LIFETIME_MS = 3_600_000;
const MAX_EACH = 4;
const MAX_ALL = 16;
/** Uploads that come in at one time, of one owner and of all: each may hold a file in memory. */
const AT_ONCE_EACH = 2;
const AT_ONCE = 4;
const RETRY_AFTER_SECONDS = 10;
const ID = /^[a-z2-7]{26}$/;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

export interface HeldUploads {
  /** Before anything of an upload is read. Error `too_many_uploads`; dispose of it when it is read. */
  enter(owner: string): Disposable;
  /** A folder for an upload that comes in; the oldest of the same owner gives way. */
  begin(owner: string): Promise<{ readonly id: string; readonly folder: string }>;
  keep(id: string, meta: Omit<Meta, "at">): Promise<HeldUpload>;
  /** Throws where there is none of this owner (any more). */
  get(id: string, owner: string): Promise<HeldUpload>;
  drop(id: string): Promise<void>;
  /** Removes those whose time is over: what was typed for them may be secret. */
  expire(): Promise<void>;
}

/** Uploads below a folder, which is made where it is missing. */
export function createHeldUploads(
  root: string,
  { clock, random }: { clock: Clock; random: (bytes: number) => Uint8Array },
): HeldUploads {
  const metaPath = (id: string) => join(root, id, "upload.json");
  const filesPath = (id: string) => join(root, id, "files");

  async function read(id: string): Promise<Meta | null> {
    try {
      return Meta.parse(JSON.parse(await Deno.readTextFile(metaPath(id))));
    } catch {
      // Not there, or one that never came in whole.
      return null;
    }
  }
  async function remove(id: string): Promise<void> {
    await Deno.remove(join(root, id), { recursive: true }).catch(() => undefined);
  }
  async function ids(): Promise<string[]> {
    const found: string[] = [];
    try {
      for await (const entry of Deno.readDir(root)) if (ID.test(entry.name)) found.push(entry.name);
    } catch (thrown) {
      // Nothing was ever sent.
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
    return found;
  }
  /** Removes what is too old; those that stay, the oldest first. */
  async function withinTime(): Promise<{ id: string; at: number; owner: string }[]> {
    const held: { id: string; at: number; owner: string }[] = [];
    for (const id of await ids()) {
      const meta = await read(id);
      const info = await Deno.stat(join(root, id)).catch(() => null);
      const at = meta?.at ?? info?.mtime?.getTime() ?? 0;
      const age = clock.now() - at;
      if (age > LIFETIME_MS || age < -LIFETIME_MS) await remove(id);
      else held.push({ id, at, owner: meta?.owner ?? "" });
    }
    return held.sort((a, b) => a.at - b.at);
  }
  /** What is too old goes, and the oldest where there are too many. */
  async function tidy(owner: string): Promise<void> {
    const held = await withinTime();
    const own = held.filter((each) => each.owner === owner);
    const going = [
      ...own.slice(0, Math.max(0, own.length - MAX_EACH + 1)),
      ...held.slice(0, Math.max(0, held.length - MAX_ALL + 1)),
    ];
    for (const { id } of going) await remove(id);
  }

  const coming: string[] = [];

  return {
    enter(owner) {
      const own = coming.filter((each) => each === owner).length;
      if (own >= AT_ONCE_EACH || coming.length >= AT_ONCE) {
        throw new RetryLater(
          "too_many_uploads",
          own >= AT_ONCE_EACH
            ? `${own} uploads of yours are coming in already`
            : `${coming.length} uploads are coming in already`,
          "Send it again when they are there.",
          RETRY_AFTER_SECONDS,
        );
      }
      coming.push(owner);
      return {
        [Symbol.dispose]() {
          coming.splice(coming.indexOf(owner), 1);
        },
      };
    },
    async begin(owner) {
      await Deno.mkdir(root, { recursive: true, mode: 0o700 });
      await tidy(owner);
      const id = [...random(26)].map((byte) => ALPHABET[byte & 31] ?? "a").join("");
      await Deno.mkdir(filesPath(id), { recursive: true, mode: 0o700 });
      return { id, folder: filesPath(id) };
    },
    async keep(id, meta) {
      const whole = { ...meta, at: clock.now() };
      await writeFileAtomically(metaPath(id), JSON.stringify(whole), 0o600);
      return { id, folder: filesPath(id), ...whole };
    },
    async get(id, owner) {
      const meta = ID.test(id) ? await read(id) : null;
      if (meta === null || meta.owner !== owner || clock.now() - meta.at > LIFETIME_MS) {
        throw new SkerryError(
          "not_found",
          "this upload is not kept any more",
          "Uploads are kept for an hour; send it again.",
        );
      }
      return { id, folder: filesPath(id), ...meta };
    },
    async drop(id) {
      if (ID.test(id)) await remove(id);
    },
    async expire() {
      await withinTime();
    },
  };
}
