/** The Skerries that run on the box: both in one process, or the two apart. */
import type { Box, Verb } from "../e2e/box.ts";
import type { LabProcess } from "../e2e/lab/process.ts";

export interface Programs {
  /** Ends those that are not named, starts those that are not there. */
  runAs(verbs: readonly Verb[]): Promise<void>;
  get(verb: Verb): LabProcess | undefined;
  /** Was killed: started anew, as whoever keeps it would. */
  again(verb: Verb): Promise<void>;
}

export function createPrograms(box: Box): Programs {
  const programs = new Map<Verb, LabProcess>();
  return {
    get: (verb) => programs.get(verb),
    async runAs(verbs) {
      for (const [verb, program] of programs) {
        if (verbs.includes(verb)) continue;
        programs.delete(verb);
        await program.stop();
      }
      for (const verb of verbs) {
        if (!programs.has(verb)) programs.set(verb, await box.start(verb));
      }
    },
    async again(verb) {
      await programs.get(verb)?.status;
      programs.set(verb, await box.start(verb));
    },
  };
}
