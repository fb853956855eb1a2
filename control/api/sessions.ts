/** Streams that a person opens: logs, exec, builds. */
import { type BuildEvent, BuildSettings } from "../../shared/api/build.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { ExecOpen, RunOpen } from "../../shared/api/exec.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import { z } from "zod";
import type { Sha256 } from "../../shared/model/hash.ts";
import type { NodeId } from "../../shared/model/ids.ts";
import type {
  AgentLink,
  BuildRequest,
  EventRequest,
  ExecStart,
  LogRequest,
} from "../../shared/model/link.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";
import { parseJson } from "../../shared/parse_json.ts";
import { tooLarge } from "../blobs/store.ts";
import { limitedBody } from "../limited_body.ts";
import type { Sight } from "../authz/may.ts";
import { checkNaming, checkSession } from "../authz/reach.ts";
import type { Context } from "../context.ts";
import { admitOn } from "../decide/disk.ts";
import { noService } from "./no_service.ts";
import { deploymentOfRun } from "./job_views.ts";
import type { DeploymentRow } from "../store/deployments.ts";
import { serveExec } from "./exec_socket.ts";
import { answerJson, problemOf, route } from "./route.ts";
import { progressRecords, recordStream } from "./streams.ts";
import { nodeViews, shownDeployments } from "./views.ts";

/** The way to a node, or why there is none. */
export function linkOf(context: Context, node: NodeId): AgentLink {
  const link = context.links(node);
  if (link !== null) return link;
  const shown = nodeViews(context).find((each) => each.id === node);
  const name = shown?.name ?? node;
  if (shown?.online === true) {
    throw new SkerryError(
      "node_unreachable",
      `logs, events, exec and builds are not there yet for node "${name}": its agent is a process of its own`,
      "Run control plane and agent as one with `skerry up`.",
    );
  }
  throw new SkerryError(
    "node_unreachable",
    `node "${name}" is not connected`,
    "Look at `skerry get nodes`; what runs there goes on.",
  );
}

/** The one node that there is for now. */
export function firstNode(context: Context): NodeId {
  const node = context.store.nodes.list()[0];
  if (node !== undefined) return node.id;
  throw new SkerryError(
    "no_node",
    "no node has joined this control plane yet",
    "Wait a moment where `skerry up` has just started; `skerry get nodes` shows when it has.",
  );
}

async function* logRecords(
  link: AgentLink,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    for await (const line of link.logs(request, signal)) yield `${JSON.stringify(line)}\n`;
  } catch (thrown) {
    if (!signal.aborted) yield `${JSON.stringify({ problem: problemOf(thrown) })}\n`;
  }
}

async function* eventRecords(
  link: AgentLink,
  request: EventRequest,
  sight: Sight,
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    for await (const event of link.events(request, signal)) {
      const isSeen = event.subject === null ? sight.all : sight.project(event.subject.project);
      if (isSeen) yield `${JSON.stringify(event)}\n`;
    }
  } catch (thrown) {
    if (!signal.aborted) yield `${JSON.stringify({ problem: problemOf(thrown) })}\n`;
  }
}

/** The container that a session is for: the slot that was named, else the lowest that runs. */
function execTarget(context: Context, project: string, service: string, open: ExecOpen) {
  const shown = shownDeployments(context, project).filter((each) => each.service.name === service);
  if (shown.length === 0) throw noService(project, service);
  const running = shown.filter((each) =>
    each.seen?.container?.state === "running" && each.row.want !== "absent" &&
    (open.slot === undefined || each.row.slot === open.slot)
  );
  const target = running.find((each) => each.row.want === "run") ?? running[0];
  if (target !== undefined) return target.row;
  throw new SkerryError(
    "not_running",
    `no container of service "${service}" runs${
      open.slot === undefined ? "" : ` in slot ${open.slot}`
    }`,
    `\`skerry describe service ${service}\` says why.`,
  );
}

/** The deployment whose spec a run takes: the lowest slot of what is wanted. */
export function runTarget(
  context: Context,
  project: string,
  service: string,
): DeploymentRow {
  const shown = shownDeployments(context, project).filter((each) => each.service.name === service);
  if (shown.length === 0) throw noService(project, service);
  const target = shown.filter((each) => each.row.want === "run")
    .toSorted((a, b) => a.row.slot - b.row.slot)[0];
  if (target !== undefined) return target.row;
  throw new SkerryError(
    "not_running",
    `service "${service}" is not wanted on any node now`,
    `\`skerry describe service ${service}\` says why.`,
  );
}

/** What a deployment was made of. */
export function specOf({ store }: Context, deployment: DeploymentRow): ServiceSpec | undefined {
  return store.services.revision(deployment.revisionId)?.spec;
}

/** Only a WebSocket client gets further. */
function upgraded(request: Request, command: string) {
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
    return Deno.upgradeWebSocket(request);
  }
  throw new SkerryError(
    "bad_request",
    `${command} is a WebSocket`,
    `Use \`skerry ${command}\`, or a WebSocket client.`,
  );
}

/** An answer of records, a line each. */
export const ndjson = (stream: ReadableStream<Uint8Array>): Response =>
  new Response(stream, {
    headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" },
  });

function buildRecords(
  link: AgentLink,
  request: BuildRequest,
  signal: AbortSignal,
): AsyncGenerator<string> {
  return progressRecords<BuildEvent>(async (onProgress) => {
    const image = await link.buildImage(request, onProgress, signal);
    if (image.id === null) {
      throw new SkerryError(
        "build_failed",
        "the build gave no image",
        "Look at what it wrote, and build again.",
      );
    }
    return { type: "done", image: { imageId: image.id, reference: request.tag } };
  });
}

function buildArgs(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  try {
    return z.record(z.string(), z.string()).parse(parseJson(text));
  } catch (cause) {
    throw new SkerryError(
      "bad_request",
      `the build arguments are no JSON record of strings: ${messageOf(cause)}`,
    );
  }
}

function buildSettings(text: string | undefined): BuildSettings {
  if (text === undefined) return {};
  try {
    return BuildSettings.parse(parseJson(text));
  } catch (cause) {
    throw new SkerryError("bad_request", `the build's settings are wrong: ${messageOf(cause)}`);
  }
}

/**
 * Twelve digits of the digest tell builds of one service apart. A `/` stands in no name: no project
 * gives an image the name of another one's.
 */
function buildTag(project: string, service: string, digest: Sha256 | undefined): string {
  return `localhost/${project}/${service.toLowerCase()}:${digest?.slice(0, 12) ?? "latest"}`;
}

export const sessionRoutes = {
  builtImage: route(ENDPOINTS.builtImage, async (context, { params, query, request }) => {
    const reference = buildTag(params.name, params.service, query.digest);
    const link = linkOf(context, firstNode(context));
    const found = await link.resolveImage(reference, "local", request.signal).catch(() => null);
    if (found?.id) {
      return answerJson(ENDPOINTS.builtImage, { imageId: found.id, reference });
    }
    throw new SkerryError(
      "not_found",
      `there is no image "${reference}" yet`,
      "`skerry apply` where its sources are builds it.",
    );
  }),
  logs: route(ENDPOINTS.logs, async (context, { params, query, closing }) => {
    const project = context.store.projects.byName(params.name);
    if (project === null) {
      throw new SkerryError(
        "not_found",
        `there is no project "${params.name}"`,
        "`skerry get projects` lists those that there are.",
      );
    }
    const { service } = query;
    if (
      service !== undefined &&
      !context.store.services.list(project.id).some((each) => each.name === service)
    ) {
      throw noService(params.name, service);
    }
    if (query.run !== undefined && service === undefined) {
      throw new SkerryError("bad_request", "a run is one of a service", "Name the service too.");
    }
    const link = linkOf(context, firstNode(context));
    const request: LogRequest = {
      project: project.id,
      follow: query.follow === "true",
      ...(service === undefined ? {} : { service }),
      ...(service === undefined || query.run === undefined
        ? {}
        : { deployment: deploymentOfRun(context, params.name, service, Number(query.run)) }),
      ...(query.tail === undefined ? {} : { tail: Number(query.tail) }),
      ...(query.since === undefined ? {} : { since: query.since }),
    };
    return ndjson(recordStream(closing, (signal) => logRecords(link, request, signal)));
  }),
  events: route(ENDPOINTS.events, async (context, { query, sight, closing }) => {
    const { project, service, since, until } = query;
    const link = linkOf(context, firstNode(context));
    const request: EventRequest = {
      follow: query.follow === "true",
      ...(project === undefined ? {} : { project }),
      ...(service === undefined ? {} : { service }),
      ...(query.tail === undefined ? {} : { tail: Number(query.tail) }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    };
    const records = (signal: AbortSignal) => eventRecords(link, request, sight, signal);
    return ndjson(recordStream(closing, records));
  }),
  exec: route(ENDPOINTS.exec, async (context, { params, request, caller, by, closing }) => {
    const { socket, response } = upgraded(request, "exec");
    serveExec(socket, ExecOpen, async (open, signal) => {
      const target = execTarget(context, params.name, params.service, open);
      checkSession(caller, params.service, specOf(context, target));
      const { type: _type, slot: _slot, ...rest } = open;
      const start: ExecStart = { ...rest, deployment: target.id };
      const exec = await linkOf(context, target.nodeId).exec(start, signal);
      context.store.changes.add({
        at: context.clock.now(),
        who: by,
        action: "exec",
        project: params.name,
        subject: target.containerName,
        // Arguments may hold secrets; the program's name tells enough.
        summary: `${params.service} ran "${open.command[0]?.slice(0, 200)}"`,
      });
      return exec;
    }, closing);
    return response;
  }),
  run: route(ENDPOINTS.run, async (context, { params, request, caller, by, closing }) => {
    const { socket, response } = upgraded(request, "run");
    serveExec(socket, RunOpen, async (open, signal) => {
      const target = runTarget(context, params.name, params.service);
      checkSession(caller, params.service, specOf(context, target));
      const { type: _type, size, ...rest } = open;
      const link = linkOf(context, target.nodeId);
      const session = await link.run({ ...rest, deployment: target.id }, signal);
      if (size !== undefined) await session.resize(size.rows, size.columns);
      context.store.changes.add({
        at: context.clock.now(),
        who: by,
        action: "run",
        project: params.name,
        subject: params.service,
        summary: open.command === undefined
          ? `${params.service} ran once more`
          : `${params.service} ran "${open.command[0]?.slice(0, 200)}" in a container of its own`,
      });
      return session;
    }, closing);
    return response;
  }),
  build: route(ENDPOINTS.build, async (context, { params, query, request, caller, closing }) => {
    if (request.body === null) {
      throw new SkerryError(
        "bad_request",
        "the build context is missing",
        "Send it as a tar in the body.",
      );
    }
    const settings = buildSettings(query.settings);
    if ((settings.tags?.length ?? 0) > 0) checkNaming(caller);
    const link = linkOf(context, firstNode(context));
    await admitOn(context, firstNode(context), `building the image of "${params.service}"`);
    const { limitBytes } = ENDPOINTS.build.body;
    const build: BuildRequest = {
      context: limitedBody(request.body, limitBytes, () => tooLarge(limitBytes)),
      dockerfile: query.dockerfile ?? "Dockerfile",
      tag: buildTag(params.name, params.service, query.digest),
      args: buildArgs(query.args),
      noCache: query.noCache === "true",
      pull: query.pull === "true",
      ...settings,
      ...(query.target === undefined ? {} : { target: query.target }),
    };
    return ndjson(recordStream(closing, (signal) => buildRecords(link, build, signal)));
  }),
};
