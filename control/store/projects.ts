/** Projects, their releases and the parts that these are made of. */
import { z } from "zod";
import { ReleaseState, Warning } from "../../shared/api/release.ts";
import { ProjectId, ReleaseId } from "../../shared/model/ids.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { Reason } from "../../shared/model/verdict.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { flagColumn, jsonColumn } from "./column.ts";
import { TENANT } from "./tenant.ts";

export const ProjectRow = z.object({
  id: ProjectId,
  name: ProjectName,
  createdAt: z.number(),
  purging: flagColumn,
});
export type ProjectRow = z.infer<typeof ProjectRow>;

export const ReleaseRow = z.object({
  id: ReleaseId,
  projectId: ProjectId,
  number: z.number(),
  parentId: ReleaseId.nullable(),
  createdAt: z.number(),
  createdBy: z.string(),
  composePart: z.string().nullable(),
  sourceFolder: z.string().nullable(),
  warnings: jsonColumn(z.array(Warning)),
  state: ReleaseState,
  reason: jsonColumn(Reason).nullable(),
});
export type ReleaseRow = z.infer<typeof ReleaseRow>;

const ReleaseBrief = ReleaseRow.pick({
  id: true,
  number: true,
  state: true,
  composePart: true,
});
export type ReleaseBrief = z.infer<typeof ReleaseBrief>;

const PROJECT = "id, name, created_at AS createdAt, purging";
const RELEASE =
  "id, project_id AS projectId, number, parent_id AS parentId, created_at AS createdAt, " +
  "created_by AS createdBy, compose_part AS composePart, source_folder AS sourceFolder, " +
  "warnings, state, reason";

const PartRow = z.object({ content: z.instanceof(Uint8Array) });

export interface Projects {
  /** Sorted by name. */
  list(): ProjectRow[];
  get(id: ProjectId): ProjectRow | null;
  byName(name: string): ProjectRow | null;
  add(project: Pick<ProjectRow, "id" | "name" | "createdAt">): void;
  setPurging(id: ProjectId, purging: boolean): void;
  release(id: ReleaseId): ReleaseRow | null;
  newestRelease(id: ProjectId): ReleaseRow | null;
  /** Of each project that has any. */
  newestReleases(): ReadonlyMap<ProjectId, ReleaseRow>;
  /** Newest first. */
  releases(id: ProjectId): ReleaseBrief[];
  /** The newest first; of all projects where none is given. */
  history(limit: number, id?: ProjectId): ReleaseRow[];
  rolling(): ReleaseRow[];
  addRelease(release: ReleaseRow): void;
  endRelease(id: ReleaseId, state: ReleaseState, reason: Reason | null): void;
  addPart(id: string, content: Uint8Array): void;
  part(id: string): Uint8Array | null;
}

/** Projects of a database. */
export function createProjects(database: Database): Projects {
  return {
    list: () =>
      database.all(
        ProjectRow,
        `SELECT ${PROJECT} FROM project WHERE tenant_id = ? ORDER BY name`,
        TENANT,
      ),
    get: (id) => database.get(ProjectRow, `SELECT ${PROJECT} FROM project WHERE id = ?`, id),
    byName: (name) =>
      database.get(
        ProjectRow,
        `SELECT ${PROJECT} FROM project WHERE tenant_id = ? AND name = ?`,
        TENANT,
        name,
      ),
    add(project) {
      database.run(
        "INSERT INTO project (id, tenant_id, name, created_at) VALUES (?, ?, ?, ?)",
        project.id,
        TENANT,
        project.name,
        project.createdAt,
      );
    },
    setPurging(id, purging) {
      database.run("UPDATE project SET purging = ? WHERE id = ?", purging ? 1 : 0, id);
    },
    release: (id) => database.get(ReleaseRow, `SELECT ${RELEASE} FROM release WHERE id = ?`, id),
    newestRelease: (id) =>
      database.get(
        ReleaseRow,
        `SELECT ${RELEASE} FROM release WHERE project_id = ? ORDER BY number DESC LIMIT 1`,
        id,
      ),
    newestReleases: () =>
      new Map(
        database.all(
          ReleaseRow,
          `SELECT ${RELEASE} FROM release AS one WHERE number = ` +
            "(SELECT max(number) FROM release WHERE project_id = one.project_id)",
        ).map((row) => [row.projectId, row]),
      ),
    releases: (id) =>
      database.all(
        ReleaseBrief,
        "SELECT id, number, state, compose_part AS composePart FROM release " +
          "WHERE project_id = ? ORDER BY number DESC",
        id,
      ),
    history: (limit, id) =>
      database.all(
        ReleaseRow,
        `SELECT ${RELEASE} FROM release WHERE ?1 IS NULL OR project_id = ?1 ` +
          "ORDER BY created_at DESC, number DESC LIMIT ?2",
        id ?? null,
        limit,
      ),
    rolling: () =>
      database.all(
        ReleaseRow,
        `SELECT ${RELEASE} FROM release WHERE state = 'rolling' ORDER BY created_at, id`,
      ),
    addRelease(release) {
      database.run(
        "INSERT INTO release (id, project_id, number, parent_id, created_at, created_by, " +
          "compose_part, source_folder, warnings, state, reason) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        release.id,
        release.projectId,
        release.number,
        release.parentId,
        release.createdAt,
        release.createdBy,
        release.composePart,
        release.sourceFolder,
        JSON.stringify(release.warnings),
        release.state,
        release.reason === null ? null : JSON.stringify(release.reason),
      );
    },
    endRelease(id, state, reason) {
      database.run(
        "UPDATE release SET state = ?, reason = ? WHERE id = ?",
        state,
        reason === null ? null : JSON.stringify(reason),
        id,
      );
    },
    addPart(id, content) {
      database.run(
        "INSERT INTO part (id, kind, content) VALUES (?, 'compose', ?) ON CONFLICT DO NOTHING",
        id,
        content,
      );
    },
    part: (id) =>
      database.get(
        PartRow,
        "SELECT content FROM part WHERE id = ?",
        id,
      )?.content ?? null,
  };
}
