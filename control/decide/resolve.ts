/** Asks a node what image references mean, all at once and within a time. */
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { AgentLink } from "../../shared/model/link.ts";
import type { Resolution } from "./situation.ts";

/** How long a registry may take before the release goes on without its answer. */
export const RESOLVE_TIMEOUT_MS = 10_000;

/** Codes by which a link says that waiting does not help: what does, a person has to do first. */
const REFUSED = new Set([
  "not_found",
  "image_not_found",
  "invalid_reference",
  "unauthorized",
  "insecure_registry",
]);
/** Those whose remedy names a command, and for which registry. */
const REMEDIED = new Set(["unauthorized", "insecure_registry"]);

async function one(
  link: AgentLink,
  reference: string,
  pull: boolean,
  signal: AbortSignal,
): Promise<Resolution> {
  const ask = async (from: "local" | "registry"): Promise<Resolution> => {
    try {
      const image = await link.resolveImage(reference, from, signal);
      return { kind: "resolved", image };
    } catch (thrown) {
      const message = messageOf(thrown);
      if (!(thrown instanceof SkerryError && REFUSED.has(thrown.code))) {
        return { kind: "unreachable", message };
      }
      const { code, remedy } = thrown;
      return { kind: "not_found", message, remedy: REMEDIED.has(code) ? remedy : null };
    }
  };
  if (!pull) return await ask("local");
  const asked = await ask("registry");
  if (asked.kind === "resolved" || signal.aborted) return asked;
  // An image that no registry has may still be one that was made on the node.
  const local = await ask("local");
  return local.kind === "resolved" ? local : asked;
}

/** Asks about each at once; what is not answered in time is `late`. */
async function askAll<T>(
  names: readonly string[],
  ask: (name: string, signal: AbortSignal) => Promise<T>,
  late: T,
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  const abort = new AbortController();
  let expire: () => void = () => undefined;
  const expired = new Promise<T>((resolve) => {
    expire = () => resolve(late);
  });
  const timer = setTimeout(() => {
    expire();
    abort.abort();
  }, RESOLVE_TIMEOUT_MS);
  try {
    await Promise.all(names.map(async (name) => {
      found.set(name, await Promise.race([ask(name, abort.signal), expired]));
    }));
  } finally {
    clearTimeout(timer);
    expire();
  }
  return found;
}

/** By reference; one that is not answered in time is `unreachable`. */
export async function resolveImages(
  link: AgentLink | null,
  references: readonly string[],
  isAskedAnew: (reference: string) => boolean,
): Promise<Map<string, Resolution>> {
  const unreachable = (message: string): Resolution => ({ kind: "unreachable", message });
  if (link === null) {
    return new Map(references.map((each) => [each, unreachable("the node is not connected")]));
  }
  return await askAll(
    references,
    (reference, signal) => one(link, reference, isAskedAnew(reference), signal),
    unreachable(`no answer within ${RESOLVE_TIMEOUT_MS / 1000} s`),
  );
}

/** The volumes that images on the node declare, by the name asked; what is not known is left out. */
export async function lookUpVolumes(
  link: AgentLink | null,
  names: readonly string[],
): Promise<Map<string, readonly string[]>> {
  const known = new Map<string, readonly string[]>();
  if (link === null) return known;
  const asked = await askAll(
    names,
    (name, signal) => link.inspectImage(name, signal).catch(() => null),
    null,
  );
  for (const [name, image] of asked) if (image !== null) known.set(name, image.volumes);
  return known;
}
