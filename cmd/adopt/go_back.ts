/** Going back: what Skerry runs of the project stops, the old containers run again as before. */
import type { ApiClient } from "../../shared/api/client.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import { followRelease } from "../apply/follow.ts";
import type { Cli } from "../cli.ts";
import { folderDigest } from "./folder_copy.ts";
import type { HomeEngine } from "./home_engine.ts";
import type { Journal, JournalFile } from "./journal.ts";
import type { OldEngine } from "./old_engine.ts";

export interface GoBackWith {
  readonly cli: Cli;
  readonly api: ApiClient;
  readonly home: HomeEngine;
  readonly old: OldEngine | null;
  readonly file: JournalFile;
  readonly signal: AbortSignal;
}

/** Starts what ran before and gives it its restart policy again; every container is tried. */
export async function startOld(
  old: OldEngine,
  containers: Journal["containers"],
  say: (line: string) => void,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const each of containers) {
    try {
      await old.setRestart(each.id, each.restart);
      if (!each.running) continue;
      await startOne(old, each.id);
      say(`  ${each.name} runs again`);
    } catch (thrown) {
      failures.push(`${each.name}: ${messageOf(thrown)}`);
    }
  }
  return failures;
}

/** One that is still being stopped, by an adoption that was cut, starts once it has ended. */
async function startOne(old: OldEngine, id: string): Promise<void> {
  try {
    await old.start(id);
  } catch (thrown) {
    if (!(thrown instanceof SkerryError) || thrown.code !== "engine_refused") throw thrown;
    await old.stop(id);
    await old.start(id);
  }
}

/** Volumes whose data is no longer what was copied are said: what was written stays with us. */
async function tellWritten(
  { cli, home, signal }: GoBackWith,
  { project, volumes }: Journal,
): Promise<void> {
  const { terminal } = cli.host;
  for (const each of volumes) {
    const folder = await home.volumeFolder(each.to);
    if (folder === null || each.digest === null) continue;
    const { digest } = await folderDigest(folder, signal);
    terminal.err(
      digest === each.digest
        ? `  nothing was written to ${each.label} meanwhile; Skerry's copy stays: ` +
          `skerry volume rm ${each.label} -p ${project}\n`
        : `  ${each.label} was written to meanwhile: that is not in the old volume ` +
          `"${each.from}". It stays in Skerry's, at ${folder}\n`,
    );
  }
}

/** Repeats are harmless; throws where an old container does not start, with all that failed. */
export async function goBack(given: GoBackWith, journal: Journal): Promise<void> {
  const { cli, api, home, old, file } = given;
  const say = (line: string) => cli.host.terminal.err(`${line}\n`);
  const { project } = journal;
  if (journal.phase === "starting" || journal.phase === "done") {
    const known = (await api.projects()).some((each) => each.name === project && !each.deleted);
    if (known) {
      say(`stopping ${project} in Skerry`);
      const accepted = await api.createRelease(project, { parts: {} });
      const end = await followRelease(cli, api, accepted.id);
      if (end?.state !== "done") {
        throw new SkerryError(
          "not_stopped",
          `${project} did not stop in Skerry${end?.reason ? `: ${end.reason.message}` : ""}`,
          `look with \`skerry get services\`, then: skerry adopt --undo ${project}`,
        );
      }
    }
    await tellWritten(given, journal);
  } else {
    // Nothing ran on these copies: they hold nothing that the old volumes do not.
    for (const each of journal.volumes) await home.removeVolume(each.to);
  }
  if (old !== null) {
    say("starting the old containers");
    const failures = await startOld(old, journal.containers, say);
    if (failures.length > 0) {
      throw new SkerryError(
        "old_not_started",
        `these old containers did not start: ${failures.join("; ")}`,
        `once that is mended: skerry adopt --undo ${project}`,
      );
    }
  }
  await file.write({ ...journal, phase: "undone" });
}
