/** Volumes: named data that outlives deployments, and the node that holds it. */
import { z } from "zod";
import { NodeId, ProjectId, VolumeId } from "../../shared/model/ids.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { jsonColumn } from "./column.ts";

export const VolumeRow = z.object({
  id: VolumeId,
  projectId: ProjectId,
  name: z.string(),
  engineName: z.string(),
  nodeId: NodeId,
  generation: z.number(),
  state: z.enum(["ready", "moving", "restoring"]),
  labels: jsonColumn(z.record(z.string(), z.string())),
  /** What is mounted in its place, as `driver_opts` say it; none: a folder of the engine's own. */
  options: jsonColumn(z.record(z.string(), z.string())),
  createdAt: z.number(),
});
export type VolumeRow = z.infer<typeof VolumeRow>;

const COLUMNS = "id, project_id AS projectId, name, engine_name AS engineName, " +
  "node_id AS nodeId, generation, state, labels, options, created_at AS createdAt";

export interface Volumes {
  /** Those that were not removed, sorted by id. */
  list(): VolumeRow[];
  add(volume: VolumeRow): void;
  /** It is in no manifest after that; its name is free. */
  remove(id: VolumeId, at: number): void;
}

/** Volumes of a database. */
export function createVolumes(database: Database): Volumes {
  return {
    list: () =>
      database.all(
        VolumeRow,
        `SELECT ${COLUMNS} FROM volume WHERE removed_at IS NULL ORDER BY id`,
      ),
    add(volume) {
      database.run(
        "INSERT INTO volume (id, project_id, name, engine_name, node_id, generation, state, " +
          "labels, options, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        volume.id,
        volume.projectId,
        volume.name,
        volume.engineName,
        volume.nodeId,
        volume.generation,
        volume.state,
        JSON.stringify(volume.labels),
        JSON.stringify(volume.options),
        volume.createdAt,
      );
    },
    remove(id, at) {
      database.run("UPDATE volume SET removed_at = ? WHERE id = ?", at, id);
    },
  };
}
