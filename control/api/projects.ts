/** Plans, blobs, releases and their progress. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { ReleaseId } from "../../shared/model/ids.ts";
import type { Context } from "../context.ts";
import { plan, release } from "../decide/service.ts";
import type { ReleaseRow } from "../store/projects.ts";
import { idempotencyKey } from "./idempotency.ts";
import { releaseView } from "./release_view.ts";
import { answerJson, answerNothing, bodyChunks, readJson, route } from "./route.ts";
import { recordStream } from "./streams.ts";

/** A comment is sent after such a silence, so that a dead reader is noticed. */
const HEARTBEAT_MS = 15_000;

function knownRelease(context: Context, id: ReleaseId): ReleaseRow {
  const found = context.store.projects.release(id);
  if (found !== null) return found;
  throw new SkerryError(
    "not_found",
    `there is no release "${id}"`,
    "`skerry get releases` lists those that there are.",
  );
}

async function* progress(
  context: Context,
  id: ReleaseId,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const listener = context.releaseBell.listen(id);
  // Changes are rung for all releases at once, since one report may touch several.
  try {
    let last = "";
    while (!signal.aborted) {
      const view = releaseView(context, knownRelease(context, id));
      const text = JSON.stringify(view);
      if (text !== last) yield `event: progress\ndata: ${text}\n\n`;
      last = text;
      if (view.state !== "rolling") return;
      if (await listener.wait(HEARTBEAT_MS, signal) === "timeout" && !signal.aborted) {
        yield ": still here\n\n";
      }
    }
  } finally {
    listener.close();
  }
}

export const projectRoutes = {
  plan: route(ENDPOINTS.plan, async (context, { params, request, caller }) => {
    const body = await readJson(request, ENDPOINTS.plan.body);
    return answerJson(ENDPOINTS.plan, await plan(context, params.name, body, caller));
  }),
  putBlob: route(ENDPOINTS.putBlob, async (context, { params, request }) => {
    const { limitBytes } = ENDPOINTS.putBlob.body;
    const bytes = Number(request.headers.get("content-length") ?? "0");
    context.room.admit("storing a file of the project", bytes);
    await context.blobs.put(params.sha256, bodyChunks(request, limitBytes), limitBytes);
    return answerNothing();
  }),
  createRelease: route(ENDPOINTS.createRelease, async (context, { params, request, caller }) => {
    const key = idempotencyKey(request, caller);
    const body = await readJson(request, ENDPOINTS.createRelease.body);
    const accepted = await release(context, params.name, body, caller, key);
    return answerJson(ENDPOINTS.createRelease, accepted, {
      location: `/api/v1/releases/${accepted.id}`,
    });
  }),
  release: route(
    ENDPOINTS.release,
    async (context, { params }) =>
      answerJson(ENDPOINTS.release, releaseView(context, knownRelease(context, params.id))),
  ),
  releaseEvents: route(ENDPOINTS.releaseEvents, async (context, { params, closing }) => {
    knownRelease(context, params.id);
    const stream = recordStream(
      closing,
      (signal) => progress(context, params.id, signal),
    );
    return new Response(stream, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
  }),
};
