/** What an adoption has done so far, on disk, so that one that was cut can go on or go back. */
import { z } from "zod";
import { readTextIfThere, syncFolder, writeFileAtomically } from "../../shared/atomic_file.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { HomeLayout } from "../../shared/home.ts";
import { RestartPolicy } from "./old_engine.ts";

const Container = z.strictObject({
  id: z.string(),
  name: z.string(),
  service: z.string(),
  /** As it was before the adoption: what going back restores. */
  running: z.boolean(),
  restart: RestartPolicy,
});

const Volume = z.strictObject({
  label: z.string(),
  from: z.string(),
  folder: z.string(),
  to: z.string(),
  /** What the copy was when it was verified; null: it is not whole. */
  digest: z.string().nullable(),
});

export const Journal = z.strictObject({
  version: z.literal(1),
  project: z.string(),
  startedAt: z.string(),
  /** The old engine's socket; null: it came from files. */
  socket: z.string().nullable(),
  /**
   * `copying`: images and volumes; the old one may be stopped. `starting`: Skerry was told to run
   * it. `done`: it runs here. `undone`: the old one runs again.
   */
  phase: z.enum(["copying", "starting", "done", "undone"]),
  /** In the order in which they are to be started. */
  containers: z.array(Container),
  volumes: z.array(Volume),
});
export type Journal = z.infer<typeof Journal>;
export type JournalVolume = Journal["volumes"][number];

export interface JournalFile {
  read(): Promise<Journal | null>;
  write(journal: Journal): Promise<void>;
}

/** The journal of a project. */
export function journalFile(layout: HomeLayout, project: string): JournalFile {
  const folder = `${layout.home}/adopt`;
  const path = `${folder}/${project}.json`;
  return {
    async read() {
      const text = await readTextIfThere(path);
      if (text === null) return null;
      try {
        return Journal.parse(JSON.parse(text));
      } catch (cause) {
        throw new SkerryError(
          "journal_damaged",
          `the journal of the adoption, "${path}", cannot be read`,
          "start the old containers by hand, then remove that file",
          { cause },
        );
      }
    },
    async write(journal) {
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomically(path, JSON.stringify(journal, null, 2) + "\n", 0o600);
      await syncFolder(layout.home);
    },
  };
}
