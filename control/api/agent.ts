/** The agent API. */
import { manifestEtag } from "../../shared/api/agent.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { LIMITS } from "../../shared/api/limits.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { NodeId } from "../../shared/model/ids.ts";
import type { Caller } from "../authz/caller.ts";
import { currentManifest } from "../desired/publish.ts";
import { enroll } from "../status/enroll.ts";
import { receiveReport } from "../status/receive.ts";
import type { Context } from "../context.ts";
import type { NodeRow } from "../store/nodes.ts";
import { answerJson, readJson, route } from "./route.ts";

function nodeOf(context: Context, caller: Caller): NodeRow {
  const id: NodeId | null = caller.kind === "node" ? caller.node : null;
  const node = id === null ? null : context.store.nodes.get(id);
  if (node !== null) return node;
  throw new SkerryError(
    "forbidden",
    "this node is not known here",
    "Join it to this control plane again.",
  );
}

export const agentRoutes = {
  enroll: route(ENDPOINTS.enroll, async (context, { request, caller }) => {
    const body = await readJson(request, ENDPOINTS.enroll.body);
    if (caller.kind !== "key" || caller.publicKey !== body.keys.sign) {
      throw new SkerryError(
        "forbidden",
        "the request to join is not signed with the key that it tells",
        "A node signs with its own key.",
      );
    }
    const answer = enroll(context, body);
    // The window of the key begins with the request that made it known.
    context.replays.use(answer.nodeKey, caller.counter);
    return answerJson(ENDPOINTS.enroll, answer);
  }),
  expectedState: route(ENDPOINTS.expectedState, async (context, asked) => {
    const known = asked.request.headers.get("if-none-match");
    const waitMs = Math.min(Number(asked.query.wait ?? "0"), LIMITS.waitSeconds) * 1000;
    const first = nodeOf(context, asked.caller);
    const listener = context.intentBell.listen(first.id);
    try {
      let node = first;
      const etag = () => manifestEtag(context.epoch, node.revision);
      if (known === etag() && waitMs > 0) {
        await listener.wait(waitMs, context.closing, asked.request.signal);
        if (context.closing.aborted) return new Response(null, { status: 304 });
        node = nodeOf(context, asked.caller);
      }
      if (node.manifest === null) {
        throw new SkerryError("not_found", "there is no intent for this node yet");
      }
      if (known === etag()) return new Response(null, { status: 304, headers: { etag: etag() } });
      return answerJson(ENDPOINTS.expectedState, node.manifest, { etag: etag() });
    } finally {
      listener.close();
    }
  }),
  agentBlob: route(ENDPOINTS.agentBlob, async (context, { params, caller }) => {
    const node = nodeOf(context, caller);
    const headers = { "content-type": "application/octet-stream" };
    const section = context.store.nodes.section(node.id, params.sha256);
    if (section !== null) return new Response(section, { headers });
    const named = currentManifest(node)?.files.some((each) => each.sha256 === params.sha256);
    const file = named === true ? await context.blobs.open(params.sha256) : null;
    if (file !== null) return new Response(file, { headers });
    if (named === true) {
      throw new SkerryError(
        "not_found",
        `the file with the SHA-256 ${params.sha256} is missing on the control plane's disk, or ` +
          "was damaged there and dropped",
        "Apply its project again: the file is then sent anew.",
      );
    }
    throw new SkerryError(
      "not_found",
      `this node's intent names no blob ${params.sha256}`,
      "Fetch the expected state again.",
    );
  }),
  status: route(ENDPOINTS.status, async (context, { request, caller }) => {
    const node = nodeOf(context, caller);
    const report = await readJson(request, ENDPOINTS.status.body);
    return answerJson(ENDPOINTS.status, receiveReport(context, node.id, report));
  }),
};
