/** Open connections into a container, from its own /proc/PID/net/tcp (proc(5)). Parsing is pure. */
import type { World } from "./world.ts";
import { intentOf, replacements } from "./intent.ts";

const ESTABLISHED = "01";
const LISTEN = "0A";

/** Established connections to ports that the container listens on. */
export function countInbound(tables: readonly string[]): number {
  const rows = tables.flatMap((table) => table.split("\n").slice(1)).map((line) => {
    const fields = line.trim().split(/\s+/);
    return { port: fields[1]?.split(":")[1], state: fields[3] };
  });
  const listening = new Set(rows.filter((row) => row.state === LISTEN).map((row) => row.port));
  return rows.filter((row) => row.state === ESTABLISHED && listening.has(row.port)).length;
}

/** Counts for the containers that are about to go; what cannot be read is left out. */
export async function connectionsOfLeaving(
  world: Omit<World, "connections">,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const byReplaced = replacements(world);
  for (const section of world.desired.containers) {
    for (const deployment of section.deployments) {
      const intent = intentOf(world, deployment, byReplaced.get(deployment.id));
      const address = deployment.addresses[0];
      const pid = world.seen.containers.byDeployment.get(deployment.id)?.pid;
      const isLeaving = intent.kind === "drain" || intent.kind === "yield";
      if (!isLeaving || address === undefined || !pid) continue;
      const tables = await Promise.all(
        ["tcp", "tcp6"].map((name) =>
          Deno.readTextFile(`/proc/${pid}/net/${name}`).catch(() => "")
        ),
      );
      if (tables.some((table) => table !== "")) counts.set(address, countInbound(tables));
    }
  }
  return counts;
}
