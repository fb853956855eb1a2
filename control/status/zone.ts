/** In which time zone a node is. */
import type { NodeId } from "../../shared/model/ids.ts";
import type { Context } from "../context.ts";

/** The zone that schedules without one go by; a node that has not said goes by the control plane's. */
export function zoneOf(context: Pick<Context, "store">, node: NodeId): string {
  return context.store.observed.node(node)?.report.timeZone ??
    new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
