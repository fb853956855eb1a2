/**
 * The typed client of the user API. It knows nothing of sockets: who makes it hands in how a
 * request is carried out (a unix socket, TLS, or the app itself in tests).
 */
import type { Sent } from "./calls.ts";
import { z } from "zod";
import type { Sha256 } from "../model/hash.ts";
import type { ReleaseId } from "../model/ids.ts";
import { SkerryError } from "../errors.ts";
import { type AccountsApi, accountsApi } from "./accounts_api.ts";
import { BuildEvent } from "./build.ts";
import type { BuildQuery } from "./build.ts";
import { ENDPOINTS, EventRecord, LogEvent } from "./endpoints.ts";
import { type CertificateApi, certificateApi } from "./certificate_api.ts";
import { type EditApi, editApi } from "./edit_api.ts";
import { type ImageApi, imageApi } from "./image_api.ts";
import type { ImageView, PruneAnswer } from "./images.ts";
import { type MetricsApi, metricsApi } from "./metrics_api.ts";
import { parseAnswer, wholeText } from "./answer.ts";
import type { AnswerOf, Endpoint, Watchable } from "./endpoint.ts";
import { pathOf } from "./endpoint.ts";
import type { RunRequest } from "./exec.ts";
import { streamUntilAborted, untilAborted } from "./until_aborted.ts";
import { ApiError, Problem } from "./problem.ts";
import type { EventsQuery, LogsQuery, WatchQuery } from "./queries.ts";
import { type ReachApi, reachApi } from "./reach_api.ts";
import { asJson, octets, onlyIf, repeatable } from "./sent.ts";
import { type RegistryApi, registryApi } from "./registry_api.ts";
import type { BuiltImage, PlanRequest, ReleaseRequest } from "./release.ts";
import { ReleaseView } from "./release.ts";
import { eventData, recordsIn } from "./stream.ts";
import type {
  ChangeList,
  ContainerList,
  NetworkList,
  NodeList,
  ProjectList,
  ReleaseList,
  RouteList,
  SecretList,
  ServiceList,
  VolumeList,
} from "./views.ts";

/** Carries a request out; `http://localhost` is the authority. */
export type Transport = (request: Request) => Promise<Response>;

/** Where requests of the client seem to go; the transport decides where they really do. */
export const API_ORIGIN = "http://localhost";

/** One held request of a watch; the control plane's own limit is longer. */
const WATCH_SECONDS = 30;

/** Every call rejects with an {@link ApiError} where the control plane answered with a problem. */
export interface ApiClient
  extends AccountsApi, ReachApi, RegistryApi, MetricsApi, ImageApi, EditApi, CertificateApi {
  version(): Promise<AnswerOf<typeof ENDPOINTS.version>>;
  plan(project: string, request: PlanRequest): Promise<AnswerOf<typeof ENDPOINTS.plan>>;
  putBlob(sha256: Sha256, content: Uint8Array<ArrayBuffer>): Promise<void>;
  createRelease(
    project: string,
    request: ReleaseRequest,
    /** A repeat with the same key answers as the first did. */
    idempotencyKey?: string,
  ): Promise<AnswerOf<typeof ENDPOINTS.createRelease>>;
  release(id: ReleaseId): Promise<ReleaseView>;
  /** Each change of a release, first as it is now; ends when it is over. */
  releaseEvents(id: ReleaseId, signal?: AbortSignal): AsyncGenerator<ReleaseView>;
  projects(): Promise<z.infer<typeof ProjectList>["items"]>;
  services(project?: string): Promise<z.infer<typeof ServiceList>["items"]>;
  containers(project?: string): Promise<z.infer<typeof ContainerList>["items"]>;
  nodes(): Promise<z.infer<typeof NodeList>["items"]>;
  volumes(project?: string): Promise<z.infer<typeof VolumeList>["items"]>;
  routes(project?: string): Promise<z.infer<typeof RouteList>["items"]>;
  networks(project?: string): Promise<z.infer<typeof NetworkList>["items"]>;
  releases(project?: string): Promise<z.infer<typeof ReleaseList>["items"]>;
  /** What a watchable operation answers now. */
  look<Answer extends z.ZodType>(
    described: Watchable<Answer>,
    asked: WatchQuery,
  ): Promise<z.infer<Answer>>;
  /**
   * What a watchable operation answers, first as it is now, then each time that it is another. Goes
   * on until the signal aborts; throws what ended it.
   */
  watch<Answer extends z.ZodType>(
    described: Watchable<Answer>,
    asked: WatchQuery,
    signal: AbortSignal,
  ): AsyncGenerator<z.infer<Answer>>;
  startRun(
    project: string,
    service: string,
    run: RunRequest,
    idempotencyKey?: string,
  ): Promise<AnswerOf<typeof ENDPOINTS.startRun>>;
  stopRun(project: string, service: string, number: number): Promise<void>;
  /** Keeps a job from being run by the clock, or no more. */
  suspendJob(project: string, service: string, on: boolean): Promise<void>;
  /** Lines, in the order that they come in; throws the problem that ended the stream. */
  logs(
    project: string,
    query: LogsQuery,
    signal?: AbortSignal,
    /** Called once the stream is there, before its first record. */
    opened?: () => void,
  ): AsyncGenerator<Exclude<LogEvent, { problem: unknown }>>;
  /** What happened on the node, in order; throws the problem that ended the stream. */
  events(
    query: EventsQuery,
    signal?: AbortSignal,
    /** Called once the stream is there, before its first record. */
    opened?: () => void,
  ): AsyncGenerator<Exclude<EventRecord, { problem: unknown }>>;
  /** Path of the WebSocket for exec; the framing is in exec.ts. */
  execPath(project: string, service: string): string;
  /** The same for a container of its own. */
  runPath(project: string, service: string): string;
  /** Progress, then `done`; throws the problem that ended the build. */
  build(
    project: string,
    service: string,
    query: BuildQuery,
    tar: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>,
    signal?: AbortSignal,
  ): AsyncGenerator<Exclude<BuildEvent, { type: "error" }>>;
  /** What the same input was built to before; null: nothing. */
  builtImage(project: string, service: string, digest: Sha256): Promise<BuiltImage | null>;
  secrets(project?: string): Promise<z.infer<typeof SecretList>["items"]>;
  putSecret(
    secret: string,
    value: Uint8Array<ArrayBuffer>,
    project?: string,
    /** Of the secret as it was looked at: refused where it has another value now. */
    etag?: string,
  ): Promise<AnswerOf<typeof ENDPOINTS.putSecret>>;
  images(): Promise<readonly ImageView[]>;
  /** A tar, as it comes. */
  saveImages(
    what: { readonly project: string } | { readonly references: readonly string[] },
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>>;
  loadImages(tar: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<readonly string[]>;
  deleteImage(image: string): Promise<void>;
  pruneImages(dryRun: boolean): Promise<PruneAnswer>;
  deleteSecret(secret: string, project?: string): Promise<void>;
  deleteVolume(project: string, volume: string): Promise<void>;
  /** One page of them, the newest first. */
  changePage(
    query: { readonly project?: string | undefined; readonly after?: string | undefined },
  ): Promise<z.infer<typeof ChangeList>>;
  changes(
    query?: { readonly project?: string; readonly limit?: number },
  ): Promise<z.infer<typeof ChangeList>["items"]>;
}

async function problemOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not JSON: told below.
  }
  const problem = Problem.safeParse(parsed);
  if (problem.success) return new ApiError(response.status, problem.data);
  return new ApiError(response.status, {
    type: "about:blank",
    title: "unexpected answer",
    status: Math.max(400, response.status),
    detail: `the control plane answered ${response.status}: "${text.slice(0, 200)}"`,
    code: "unexpected_answer",
    remedy: "Check that the address is that of a Skerry control plane of the same version.",
  });
}

/** A client over a transport. */
export function createApiClient(transport: Transport): ApiClient {
  async function send(described: Endpoint, sent: Sent): Promise<Response> {
    const url = new URL(pathOf(described, sent.params ?? {}), API_ORIGIN);
    for (const [name, value] of Object.entries(sent.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const headers = new Headers(sent.headers);
    if (sent.contentType !== undefined) headers.set("content-type", sent.contentType);
    const { signal } = sent;
    const request = new Request(url, {
      method: described.method,
      headers,
      ...(sent.body === undefined ? {} : { body: sent.body }),
      ...(signal === undefined ? {} : { signal }),
    });
    const response = await untilAborted(transport(request), signal);
    const known = response.status === 304 && headers.has("if-none-match");
    if (!response.ok && !known) throw await problemOf(response);
    return response;
  }
  async function json<S extends z.ZodType>(
    described: Endpoint & { readonly answer: { readonly json: S } },
    sent: Sent = {},
  ): Promise<z.infer<S>> {
    const response = await send(described, sent);
    return parseAnswer(described.answer.json, await response.text());
  }
  const more = (described: Endpoint, project: string | undefined) => async (after: string) =>
    await (await send(described, { query: { project, after } })).text();
  /** An answer with all pages, where it is a list. */
  async function whole<S extends z.ZodType>(
    described: Endpoint & { readonly answer: { readonly json: S } },
    sent: Sent = {},
  ): Promise<z.infer<S>> {
    const text = await (await send(described, sent)).text();
    const next = more(described, sent.query?.["project"]);
    return parseAnswer(described.answer.json, await wholeText(text, next));
  }
  async function nothing(described: Endpoint, sent: Sent): Promise<void> {
    const response = await send(described, sent);
    await response.body?.cancel();
  }
  async function stream(described: Endpoint, sent: Sent): Promise<ReadableStream<Uint8Array>> {
    const response = await send(described, sent);
    if (response.body === null) {
      throw new SkerryError(
        "unexpected_answer",
        "the control plane's answer has no content",
        "Use the program in the same version as the control plane.",
      );
    }
    return streamUntilAborted(response.body, sent.signal);
  }

  return {
    version: () => json(ENDPOINTS.version),
    plan: (name, request) => json(ENDPOINTS.plan, { params: { name }, ...asJson(request) }),
    putBlob: (sha256, content) =>
      nothing(ENDPOINTS.putBlob, { params: { sha256 }, ...octets(content) }),
    createRelease: (name, request, idempotencyKey) =>
      json(ENDPOINTS.createRelease, {
        params: { name },
        ...asJson(request),
        headers: repeatable(idempotencyKey),
      }),
    release: (id) => json(ENDPOINTS.release, { params: { id } }),
    async *releaseEvents(id, signal) {
      const body = await stream(ENDPOINTS.releaseEvents, { params: { id }, signal });
      for await (const data of eventData(body)) yield parseAnswer(ReleaseView, data);
    },
    projects: async () => (await whole(ENDPOINTS.projects)).items,
    services: async (project) => (await whole(ENDPOINTS.services, { query: { project } })).items,
    containers: async (project) =>
      (await whole(ENDPOINTS.containers, { query: { project } })).items,
    nodes: async () => (await whole(ENDPOINTS.nodes)).items,
    volumes: async (project) => (await whole(ENDPOINTS.volumes, { query: { project } })).items,
    routes: async (project) => (await whole(ENDPOINTS.routes, { query: { project } })).items,
    networks: async (project) => (await whole(ENDPOINTS.networks, { query: { project } })).items,
    releases: async (project) => (await whole(ENDPOINTS.releases, { query: { project } })).items,
    look: (described, { params, project }) =>
      whole(described, { ...(params === undefined ? {} : { params }), query: { project } }),
    async *watch(described, { params, project }, signal) {
      let etag: string | null = null;
      while (!signal.aborted) {
        const response: Response = await send(described, {
          ...(params === undefined ? {} : { params }),
          query: { project, wait: etag === null ? undefined : String(WATCH_SECONDS) },
          ...(etag === null ? {} : { headers: { "if-none-match": etag } }),
          signal,
        });
        const text = await response.text();
        if (response.status === 304) continue;
        etag = response.headers.get("etag");
        if (etag === null) {
          throw new SkerryError(
            "unexpected_answer",
            "the control plane cannot be watched: its answer has no ETag",
            "Use the program in the same version as the control plane.",
          );
        }
        yield parseAnswer(described.answer.json, await wholeText(text, more(described, project)));
      }
    },
    startRun: (name, service, run, key) =>
      json(ENDPOINTS.startRun, {
        params: { name, service },
        ...asJson(run),
        headers: repeatable(key),
      }),
    stopRun: (name, service, number) =>
      nothing(ENDPOINTS.stopRun, { params: { name, service, number: String(number) } }),
    suspendJob: (name, service, on) =>
      nothing(on ? ENDPOINTS.suspendJob : ENDPOINTS.resumeJob, { params: { name, service } }),
    async *logs(name, query, signal, opened) {
      const body = await stream(ENDPOINTS.logs, {
        params: { name },
        query: {
          service: query.service,
          run: query.run === undefined ? undefined : String(query.run),
          follow: query.follow === undefined ? undefined : String(query.follow),
          tail: query.tail === undefined ? undefined : String(query.tail),
          since: query.since,
        },
        signal,
      });
      opened?.();
      for await (const line of recordsIn(body)) {
        const event = parseAnswer(LogEvent, line);
        if ("problem" in event) throw new ApiError(event.problem.status, event.problem);
        yield event;
      }
    },
    async *events(query, signal, opened) {
      const body = await stream(ENDPOINTS.events, {
        query: {
          project: query.project,
          service: query.service,
          follow: query.follow === undefined ? undefined : String(query.follow),
          tail: query.tail === undefined ? undefined : String(query.tail),
          since: query.since,
          until: query.until,
        },
        signal,
      });
      opened?.();
      for await (const line of recordsIn(body)) {
        const event = parseAnswer(EventRecord, line);
        if ("problem" in event) throw new ApiError(event.problem.status, event.problem);
        yield event;
      }
    },
    execPath: (name, service) => pathOf(ENDPOINTS.exec, { name, service }),
    runPath: (name, service) => pathOf(ENDPOINTS.run, { name, service }),
    async *build(name, service, query, tar, signal) {
      const body = await stream(ENDPOINTS.build, {
        params: { name, service },
        query,
        body: tar,
        contentType: "application/x-tar",
        signal,
      });
      for await (const line of recordsIn(body)) {
        const event = parseAnswer(BuildEvent, line);
        if (event.type === "error") throw new ApiError(event.problem.status, event.problem);
        yield event;
      }
    },
    async builtImage(name, service, digest) {
      try {
        return await json(ENDPOINTS.builtImage, { params: { name, service }, query: { digest } });
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.status === 404) return null;
        throw thrown;
      }
    },
    images: async () => (await whole(ENDPOINTS.images)).items,
    ...imageApi(stream),
    saveImages: (what, signal) =>
      stream(ENDPOINTS.saveImages, {
        query: "project" in what
          ? { project: what.project }
          : { references: what.references.join(",") },
        signal,
      }),
    loadImages: async (tar, signal) =>
      (await json(ENDPOINTS.loadImages, { body: tar, contentType: "application/x-tar", signal }))
        .references,
    deleteImage: (image) => nothing(ENDPOINTS.deleteImage, { params: { image } }),
    pruneImages: (dryRun) => json(ENDPOINTS.pruneImages, { query: { dryRun: String(dryRun) } }),
    secrets: async (project) => (await whole(ENDPOINTS.secrets, { query: { project } })).items,
    putSecret: (secret, value, project, etag) =>
      json(ENDPOINTS.putSecret, {
        params: { secret },
        query: { project },
        ...octets(value),
        headers: onlyIf(etag),
      }),
    deleteSecret: (secret, project) =>
      nothing(ENDPOINTS.deleteSecret, { params: { secret }, query: { project } }),
    ...accountsApi({ json, nothing }),
    ...metricsApi({ json }),
    ...reachApi({ json }),
    changePage: (query) => json(ENDPOINTS.changes, { query }),
    ...registryApi({ json, nothing }, whole),
    ...editApi({ json, nothing }),
    ...certificateApi({ json, nothing }),
    deleteVolume: (name, volume) => nothing(ENDPOINTS.deleteVolume, { params: { name, volume } }),
    changes: async (query = {}) =>
      (await json(ENDPOINTS.changes, {
        query: {
          project: query.project,
          limit: query.limit === undefined ? undefined : String(query.limit),
        },
      })).items,
  };
}
