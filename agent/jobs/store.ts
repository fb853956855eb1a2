/** The book of jobs as a file: read once, written whole when it changed. */
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../../shared/atomic_file.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import { type Book, JobState } from "./book.ts";

const JobsFile = z.strictObject({ schema: z.literal(1), jobs: z.array(JobState) });

export interface JobStore {
  load(): Promise<Book>;
  save(book: Book): Promise<void>;
}

export function createJobStore(path: string, log: Log): JobStore {
  return {
    async load() {
      const text = await readTextIfThere(path);
      if (text === null) return new Map();
      try {
        const { jobs } = JobsFile.parse(JSON.parse(text));
        return new Map(jobs.map((state) => [state.service, state]));
      } catch (thrown) {
        // What is lost is history: runs under way are ended as containers that nobody wants.
        log.error("the book of jobs is damaged and begins anew", { reason: messageOf(thrown) });
        await Deno.rename(path, `${path}.damaged`);
        return new Map();
      }
    },
    save: (book) =>
      writeFileAtomically(path, JSON.stringify({ schema: 1, jobs: [...book.values()] }), 0o600),
  };
}
