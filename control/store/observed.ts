/** What nodes reported last. */
import { z } from "zod";
import { DeploymentId, type NodeId, type ProjectId } from "../../shared/model/ids.ts";
import { DeploymentReport, Report } from "../../shared/model/report.ts";
import type { Database } from "../../shared/sqlite/database.ts";

/** A report whose deployments are kept apart. */
export const NodeReport = Report.omit({ deployments: true });
export type NodeReport = z.infer<typeof NodeReport>;

const ObservedNode = z.object({ at: z.number(), report: z.string() });
const ObservedDeployment = z.object({ id: DeploymentId, report: z.string() });

/** Reports of deployments that are kept as they were read; more than a box has at once. */
const KNOWN_REPORTS = 1_000;
const KNOWN_NODES = 16;

export interface Observed {
  node(id: NodeId): { readonly at: number; readonly report: NodeReport } | null;
  setNode(id: NodeId, at: number, report: NodeReport): void;
  deployment(id: DeploymentId): DeploymentReport | null;
  /** Of those that are not gone, of one project or all. */
  live(project?: ProjectId): ReadonlyMap<DeploymentId, DeploymentReport>;
  setDeployment(id: DeploymentId, at: number, report: DeploymentReport): void;
}

/**
 * Reads JSON texts of one shape. The same text is read once: most of what a node says is what it
 * said before, and checking its shape takes longer than all else.
 */
function createReader<Key, S extends z.ZodType>(schema: S, most: number) {
  const known = new Map<Key, { readonly text: string; readonly value: z.infer<S> }>();
  const know = (key: Key, text: string, value: z.infer<S>) => {
    if (known.size >= most && !known.has(key)) known.clear();
    known.set(key, { text, value });
    return value;
  };
  return {
    know,
    read(key: Key, text: string): z.infer<S> {
      const before = known.get(key);
      return before?.text === text ? before.value : know(key, text, schema.parse(JSON.parse(text)));
    },
  };
}

/** Observations of a database. */
export function createObserved(database: Database): Observed {
  const nodes = createReader<NodeId, typeof NodeReport>(NodeReport, KNOWN_NODES);
  const deployments = createReader<DeploymentId, typeof DeploymentReport>(
    DeploymentReport,
    KNOWN_REPORTS,
  );
  return {
    node(id) {
      const row = database.get(
        ObservedNode,
        "SELECT at, report FROM observed_node WHERE node_id = ?",
        id,
      );
      return row === null ? null : { at: row.at, report: nodes.read(id, row.report) };
    },
    setNode(id, at, report) {
      const text = JSON.stringify(report);
      database.run(
        "INSERT INTO observed_node (node_id, at, report) VALUES (?, ?, ?) " +
          "ON CONFLICT (node_id) DO UPDATE SET at = excluded.at, report = excluded.report",
        id,
        at,
        text,
      );
      nodes.know(id, text, report);
    },
    deployment(id) {
      const row = database.get(
        ObservedDeployment,
        "SELECT deployment_id AS id, report FROM observed_deployment WHERE deployment_id = ?",
        id,
      );
      return row === null ? null : deployments.read(row.id, row.report);
    },
    live: (project) =>
      new Map(
        database.all(
          ObservedDeployment,
          "SELECT deployment_id AS id, report FROM observed_deployment " +
            "JOIN deployment ON deployment.id = deployment_id " +
            "WHERE gone_at IS NULL AND (?1 IS NULL OR project_id = ?1)",
          project ?? null,
        ).map(({ id, report }) => [id, deployments.read(id, report)]),
      ),
    setDeployment(id, at, report) {
      const text = JSON.stringify(report);
      database.run(
        "INSERT INTO observed_deployment (deployment_id, at, report) VALUES (?, ?, ?) " +
          "ON CONFLICT (deployment_id) DO UPDATE SET at = excluded.at, report = excluded.report",
        id,
        at,
        text,
      );
      deployments.know(id, text, report);
    },
  };
}
