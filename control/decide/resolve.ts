/** Asks a node what image references mean, all at once and within a time. */
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { AgentLink } from "../../shared/model/link.ts";
import type { Resolution } from "./situation.ts";

/** How long a registry may take before the release goes on without its answer. */
export const RESOLVE_TIMEOUT_MS = 10_000;

/** Codes by which a link says that there is no such image. */
const NOT_FOUND = new Set(["not_found", "image_not_found", "invalid_reference", "unauthorized"]);

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
      const missing = thrown instanceof SkerryError && NOT_FOUND.has(thrown.code);
      return { kind: missing ? "not_found" : "unreachable", message: messageOf(thrown) };
    }
  };
  if (!pull) return await ask("local");
  const asked = await ask("registry");
  if (asked.kind === "resolved" || signal.aborted) return asked;
  // An image that no registry has may still be one that was made on the node.
  const local = await ask("local");
  return local.kind === "resolved" ? local : asked;
}

/** By reference; one that is not answered in time is `unreachable`. */
export async function resolveImages(
  link: AgentLink | null,
  references: readonly string[],
  pull: boolean,
): Promise<Map<string, Resolution>> {
  const found = new Map<string, Resolution>();
  if (link === null) {
    for (const reference of references) {
      found.set(reference, { kind: "unreachable", message: "the node is not connected" });
    }
    return found;
  }
  const abort = new AbortController();
  let expire: () => void = () => undefined;
  const expired = new Promise<Resolution>((resolve) => {
    expire = () =>
      resolve({
        kind: "unreachable",
        message: `no answer within ${RESOLVE_TIMEOUT_MS / 1000} s`,
      });
  });
  const timer = setTimeout(() => {
    expire();
    abort.abort();
  }, RESOLVE_TIMEOUT_MS);
  try {
    await Promise.all(references.map(async (reference) => {
      const asked = one(link, reference, pull, abort.signal);
      found.set(reference, await Promise.race([asked, expired]));
    }));
  } finally {
    clearTimeout(timer);
    expire();
  }
  return found;
}
