/** A small control plane for tests of the CLI: lists, plans and releases out of memory. */
import type { Transport } from "../shared/api/client.ts";
import type { z } from "zod";
import type { PlanRequest, ReleaseView } from "../shared/api/release.ts";
import { PlanAnswer, ReleaseAccepted } from "../shared/api/release.ts";
import { sha256 } from "../shared/model/hash.ts";
import { DeploymentId, ReleaseId } from "../shared/model/ids.ts";
import { ServiceName } from "../shared/model/service_spec.ts";
import { NOW } from "./fake_host.ts";

type View = z.infer<typeof ReleaseView>;

/** An id of a kind, filled with one letter. */
export function idText(kind: string, letter: string): string {
  return `${kind}_${letter.repeat(26)}`;
}

export const RELEASE = ReleaseId.parse(idText("rel", "a"));

export interface FakeControl {
  readonly transport: Transport;
  /** Paths with their method, in the order of the requests. */
  readonly requests: string[];
  readonly blobs: Map<string, Uint8Array>;
  readonly releases: z.infer<typeof PlanRequest>[];
  readonly secrets: Map<string, Uint8Array>;
}

/** A release's state with one slot. */
export function viewOf(state: View["state"], stage: View["slots"][number]["stage"]): View {
  return {
    id: RELEASE,
    project: "shop",
    parent: null,
    at: NOW,
    by: "root via socket",
    deletes: false,
    state,
    reason: state === "rolled_back" ? { code: "deadline", message: "web was not healthy" } : null,
    slots: [{
      service: ServiceName.parse("web"),
      slot: 1,
      kind: "service",
      deployment: DeploymentId.parse(idText("dep", "a")),
      change: "created",
      stage,
      health: "starting",
      reason: null,
      pull: null,
      done: state !== "rolling",
    }],
    warnings: [],
  };
}

/**
 * @param lists answers of GET by the last part of the path
 * @param events what is said of each release
 */
export function createFakeControl(
  lists: Readonly<Record<string, unknown[]>> = {},
  events: readonly View[] = [viewOf("rolling", "starting"), viewOf("done", "running")],
): FakeControl {
  const requests: string[] = [];
  const blobs = new Map<string, Uint8Array>();
  const releases: z.infer<typeof PlanRequest>[] = [];
  const secrets = new Map<string, Uint8Array>();
  const json = (value: unknown, status = 200) => Response.json(value, { status });

  function plan(request: z.infer<typeof PlanRequest>): Response {
    const files = Object.values(request.parts.compose?.files ?? {});
    const wanted = files.flatMap((file) =>
      file.kind === "file" ? [file.sha256] : file.entries.map((entry) => entry.sha256)
    );
    return json(PlanAnswer.parse({
      project: "shop",
      parent: null,
      changes: true,
      services: [{
        service: "web",
        change: "created",
        kind: "service",
        fields: [],
        slots: { old: 0, new: 1 },
        image: { reference: "nginx:1", digest: null, id: null },
        order: null,
        orderReason: null,
      }],
      volumes: [],
      routes: [],
      secrets: [],
      warnings: [{ code: "w", message: "careful", remedy: null }],
      missingBlobs: wanted.filter((hash) => !blobs.has(hash)),
    }));
  }

  const transport: Transport = async (request) => {
    const { pathname } = new URL(request.url);
    const parts = pathname.split("/").slice(3);
    const last = parts.at(-1) ?? "";
    requests.push(`${request.method} ${parts.join("/")}`);
    if (request.method === "GET" && last === "events") {
      const text = events.map((view) => `event: progress\ndata: ${JSON.stringify(view)}\n\n`);
      return new Response(text.join(""));
    }
    if (request.method === "GET") return json({ items: lists[last] ?? [] });
    if (parts[0] === "blobs") {
      const content = new Uint8Array(await request.arrayBuffer());
      if (sha256(content) !== last) return json({}, 400);
      blobs.set(last, content);
      return new Response(null, { status: 204 });
    }
    if (parts[0] === "secrets") {
      secrets.set(last, new Uint8Array(await request.arrayBuffer()));
      return json({
        project: new URL(request.url).searchParams.get("project"),
        name: last,
        version: "1",
        versions: 1,
        changedAt: NOW,
        usedBy: [],
        etag: '"1"',
      });
    }
    const body: z.infer<typeof PlanRequest> = await request.json();
    if (last === "plan") return plan(body);
    releases.push(body);
    return json(ReleaseAccepted.parse({ id: RELEASE, warnings: [], changes: true }), 202);
  };
  return { transport, requests, blobs, releases, secrets };
}
