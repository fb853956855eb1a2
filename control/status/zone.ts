/** In which time zone a node is. */
import type { NodeId } from "../../shared/model/ids.ts";
import type { Context } from "../context.ts";

/** It does not change while a program runs, and costs as much as a query to ask for. */
const OWN_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone that schedules without one go by; a node that has not said goes by the control plane's. */
export function zoneOf(context: Pick<Context, "store">, node: NodeId): string {
  return context.store.observed.node(node)?.report.timeZone ?? OWN_ZONE;
}
