/** What nodes reported last. */
import { z } from "zod";
import type { DeploymentId, NodeId } from "../../shared/model/ids.ts";
import { DeploymentReport, Report } from "../../shared/model/report.ts";
import type { Database } from "../../shared/sqlite/database.ts";
import { jsonColumn } from "./column.ts";

/** A report whose deployments are kept apart. */
export const NodeReport = Report.omit({ deployments: true });
export type NodeReport = z.infer<typeof NodeReport>;

const ObservedNode = z.object({ at: z.number(), report: jsonColumn(NodeReport) });
const ObservedDeployment = z.object({ report: jsonColumn(DeploymentReport) });

export interface Observed {
  node(id: NodeId): { readonly at: number; readonly report: NodeReport } | null;
  setNode(id: NodeId, at: number, report: NodeReport): void;
  deployment(id: DeploymentId): DeploymentReport | null;
  setDeployment(id: DeploymentId, at: number, report: DeploymentReport): void;
}

/** Observations of a database. */
export function createObserved(database: Database): Observed {
  return {
    node: (id) =>
      database.get(
        ObservedNode,
        "SELECT at, report FROM observed_node WHERE node_id = ?",
        id,
      ),
    setNode(id, at, report) {
      database.run(
        "INSERT INTO observed_node (node_id, at, report) VALUES (?, ?, ?) " +
          "ON CONFLICT (node_id) DO UPDATE SET at = excluded.at, report = excluded.report",
        id,
        at,
        JSON.stringify(report),
      );
    },
    deployment: (id) =>
      database.get(
        ObservedDeployment,
        "SELECT report FROM observed_deployment WHERE deployment_id = ?",
        id,
      )?.report ?? null,
    setDeployment(id, at, report) {
      database.run(
        "INSERT INTO observed_deployment (deployment_id, at, report) VALUES (?, ?, ?) " +
          "ON CONFLICT (deployment_id) DO UPDATE SET at = excluded.at, report = excluded.report",
        id,
        at,
        JSON.stringify(report),
      );
    },
  };
}
