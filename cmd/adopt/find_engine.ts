/** Which engine on this machine runs the project. */
import { SkerryError } from "../../shared/errors.ts";
import { type OldEngine, openOldEngine } from "./old_engine.ts";

const SOCKETS = ["/var/run/docker.sock", "/run/podman/podman.sock"];

/** The sockets to look at, in order. Pure. */
export function socketsToTry(
  from: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (from !== undefined) return [from.replace(/^unix:\/\//, "")];
  const host = env["DOCKER_HOST"] ?? "";
  if (host === "") return SOCKETS;
  if (host.startsWith("unix://")) return [host.slice("unix://".length)];
  throw new SkerryError(
    "engine_not_here",
    `DOCKER_HOST is "${host}", an engine elsewhere, whose volumes cannot be read from here`,
    "run this on that machine, or name its socket with --from",
  );
}

/** The first engine that has the project; else the first that answers. */
export async function findEngine(
  sockets: readonly string[],
  project: string,
  signal: AbortSignal,
): Promise<OldEngine> {
  let answering: OldEngine | null = null;
  const silent: string[] = [];
  for (const socket of sockets) {
    let engine: OldEngine;
    try {
      engine = await openOldEngine(socket, signal);
    } catch (thrown) {
      if (!(thrown instanceof SkerryError) || thrown.code !== "engine_unreachable") throw thrown;
      silent.push(`"${socket}"`);
      continue;
    }
    if ((await engine.containers(project)).length > 0) {
      answering?.[Symbol.dispose]();
      return engine;
    }
    if (answering === null) answering = engine;
    else engine[Symbol.dispose]();
  }
  if (answering !== null) return answering;
  throw new SkerryError(
    "engine_unreachable",
    `no Docker or Podman answers on ${silent.join(" or ")}`,
    "start it (`systemctl start docker` or `systemctl start podman.socket`), name its socket with " +
      "--from, or hand in files with --volumes and --images",
  );
}
