/** Letting go of what no release that is kept refers to. */
import { z } from "zod";
import { ReleaseId } from "../../shared/model/ids.ts";
import type { Database } from "../../shared/sqlite/database.ts";

const ReleaseOnly = z.object({ id: ReleaseId });
const One = z.object({ one: z.number() });
const SpecText = z.object({ spec: z.string() });

export interface Forgetting {
  /** Releases that were forgotten already, and stay as the names of deployments that are left. */
  names(): ReadonlySet<ReleaseId>;
  /**
   * Forgets how these releases went, the deployments that are gone and that nothing kept refers to,
   * and then the releases themselves: one of which a deployment is left stays as a name. Returns
   * how many releases went.
   */
  releases(ids: readonly ReleaseId[]): number;
  /** Revisions older than this without a deployment, then pins and parts that nothing refers to. */
  orphans(before: number): void;
  /** Of the log of changes all but the newest so many. */
  changes(keep: number): void;
  /** Every stored spec, as it was hashed. */
  specTexts(): string[];
}

const DEAD = "SELECT id FROM deployment WHERE gone_at IS NOT NULL " +
  "AND id NOT IN (SELECT deployment_id FROM rollout_slot) " +
  "AND id NOT IN (SELECT old_id FROM rollout_slot WHERE old_id IS NOT NULL) " +
  "AND id NOT IN (SELECT replaces FROM deployment WHERE gone_at IS NULL AND replaces IS NOT NULL)";

/** Forgetting in a database. */
export function createForgetting(database: Database): Forgetting {
  return {
    names: () =>
      new Set(
        database.all(
          ReleaseOnly,
          "SELECT DISTINCT release_id AS id FROM deployment " +
            "WHERE release_id NOT IN (SELECT release_id FROM rollout_slot)",
        ).map(({ id }) => id),
      ),
    releases(ids) {
      for (const id of ids) database.run("DELETE FROM rollout_slot WHERE release_id = ?", id);
      database.run(`DELETE FROM observed_deployment WHERE deployment_id IN (${DEAD})`);
      database.run(`UPDATE deployment SET replaces = NULL WHERE replaces IN (${DEAD})`);
      database.run(`DELETE FROM deployment WHERE id IN (${DEAD})`);
      let forgotten = 0;
      for (const id of ids) {
        const used = database.get(
          One,
          "SELECT 1 AS one FROM deployment WHERE release_id = ? LIMIT 1",
          id,
        );
        if (used !== null) continue;
        database.run("UPDATE release SET parent_id = NULL WHERE parent_id = ?", id);
        forgotten += database.run("DELETE FROM release WHERE id = ?", id);
      }
      return forgotten;
    },
    orphans(before) {
      const revisions = "SELECT id FROM revision WHERE created_at < ?1 " +
        "AND id NOT IN (SELECT revision_id FROM deployment)";
      database.run(`DELETE FROM sealed WHERE subject IN (${revisions})`, before);
      database.run(`DELETE FROM revision WHERE id IN (${revisions})`, before);
      database.run(
        "DELETE FROM pin WHERE created_at < ? AND id NOT IN (SELECT pin_id FROM revision)",
        before,
      );
      database.run(
        "DELETE FROM part WHERE id NOT IN " +
          "(SELECT compose_part FROM release WHERE compose_part IS NOT NULL)",
      );
    },
    changes(keep) {
      database.run("DELETE FROM change WHERE seq <= (SELECT max(seq) FROM change) - ?", keep);
    },
    specTexts: () =>
      database.all(SpecText, "SELECT spec FROM revision")
        .map(({ spec }) => spec),
  };
}
