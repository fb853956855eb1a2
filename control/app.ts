/**
 * The control plane as a function from requests to responses. It does not listen: who composes it
 * hands each request in together with the caller that the transport vouches for; nodes are known by
 * their signatures.
 */
import { Hono } from "hono";
import { dirname, join } from "node:path";
import type { Clock } from "../shared/clock.ts";
import { messageOf, SkerryError } from "../shared/errors.ts";
import type { Log } from "../shared/log.ts";
import type { LinkAnswer } from "../shared/api/accounts.ts";
import { ENDPOINTS } from "../shared/api/endpoints.ts";
import type { Operation } from "../shared/api/endpoints.ts";
import type { AgentLink } from "../shared/model/link.ts";
import { EpochId, makeId } from "../shared/model/ids.ts";
import type { NodeId } from "../shared/model/ids.ts";
import type { Epoch } from "../shared/model/manifest.ts";
import { openDatabase } from "../shared/sqlite/database.ts";
import type { RandomBytes } from "../shared/sealing/seal.ts";
import { answersHead, createMethods } from "./api/methods.ts";
import { openApi } from "./api/openapi.ts";
import { metricsResponse } from "./exposition/exposition.ts";
import { createRequestCounts } from "./exposition/requests.ts";
import { problemOf, problemResponse } from "./api/route.ts";
import { HANDLERS } from "./api/routes.ts";
import { endExpired } from "./accounts/bearers.ts";
import { hasAdmin, makeSetupLink } from "./accounts/login.ts";
import { createLoginParts } from "./accounts/parts.ts";
import type { PasswordCost } from "./accounts/passwords.ts";
import type { Caller, Vouched } from "./authz/caller.ts";
import { identify } from "./authz/identify.ts";
import { may } from "./authz/may.ts";
import { createReplays } from "./authz/replays.ts";
import { createStrangers } from "./authz/strangers.ts";
import { createBell } from "./bell.ts";
import { createBlobStore } from "./blobs/store.ts";
import { collect, type Collected } from "./collect/collect.ts";
import type { Certificates, Context, ControlSettings } from "./context.ts";
import { publishAll } from "./desired/publish.ts";
import type { ControlKeys } from "./keys.ts";
import type { Room } from "./room.ts";
import { awaitsNode, createEnrollToken } from "./status/enroll.ts";
import { createHeldUploads } from "./uploads/held_uploads.ts";
import { finishPurge } from "./status/purge.ts";
import { createStore } from "./store/store.ts";
import type { Web } from "./web/web.ts";
import type { Store } from "./store/store.ts";
import { createSpecReaders } from "./decide/spec_reader.ts";
import { createTurns } from "./turns.ts";

export interface ControlDeps {
  /** A file in a folder that exists, or `:memory:`. */
  readonly databasePath: string;
  /** Made where it is missing. */
  readonly blobsFolder: string;
  /** What is left of the disk that both lie on. */
  readonly room: Room;
  /** See loadControlKeys. */
  readonly keys: ControlKeys;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** The way to a node's sessions; null: it is not connected. */
  readonly links: (node: NodeId) => AgentLink | null;
  readonly certificates: Certificates;
  readonly settings: ControlSettings;
  /** Of hashing a password; absent: today's. */
  readonly passwordCost?: PasswordCost;
}

export interface ControlApp {
  /** Answers every request; never rejects. A signed request is its signer's, whoever is vouched for. */
  fetch(request: Request, vouched: Vouched): Promise<Response>;
  /** A one-time token for a node to join with. */
  createEnrollToken(lifetimeMs?: number): string;
  /** A one-time link, in place of the one before, that makes the first administrator; null: there is one. */
  createSetupLink(): LinkAnswer | null;
  /** Has no node reported yet? */
  awaitsNode(): boolean;
  /** Lets go of what is kept for nobody, and ends what went on for too long; to be called now and then. */
  collect(): Collected;
  /** Removes uploads whose time is over; to be called now and then. */
  expireUploads(): Promise<void>;
  /** Ends all streams and held requests, then closes the database. */
  close(): void;
}

interface Bindings {
  readonly caller: Caller;
  /** Who it would be now. */
  readonly identify: () => Promise<Caller>;
}

const TOKEN_LIFETIME_MS = 3_600_000;

function epochOf(store: Store, random: RandomBytes): Epoch {
  const known = store.settings.epoch();
  if (known !== null) return known;
  const made = { n: 1, id: EpochId.parse(makeId("ep", random(26))) };
  store.transaction(() => store.settings.setEpoch(made));
  return made;
}

function internal(context: Context, operation: string, thrown: unknown): Response {
  const problem = problemOf(thrown);
  if (problem.status >= 500 && !(thrown instanceof SkerryError)) {
    context.log.error("a request failed", { operation, why: messageOf(thrown) });
  }
  return problemResponse(problem);
}

/** Opens the database and takes up where it was left. Errors: those of openDatabase and migrate. */
export function createApp(deps: ControlDeps): ControlApp {
  const stateBell = createBell();
  const store = createStore(
    openDatabase(deps.databasePath, { makeRoom: deps.room.make }),
    () => stateBell.ringAll(),
  );
  const closing = new AbortController();
  const context: Context = {
    store,
    blobs: createBlobStore(deps.blobsFolder),
    room: deps.room,
    keys: deps.keys,
    replays: createReplays(store.nodes),
    logins: createLoginParts({
      random: deps.random,
      clock: deps.clock,
      cost: deps.passwordCost,
    }),
    clock: deps.clock,
    random: deps.random,
    log: deps.log,
    settings: deps.settings,
    // It may rise while the program runs.
    get epoch() {
      return epochOf(store, deps.random);
    },
    links: deps.links,
    certificates: deps.certificates,
    specReaders: createSpecReaders(),
    turns: createTurns(),
    intentBell: createBell(),
    releaseBell: createBell(),
    stateBell,
    closing: closing.signal,
  };
  epochOf(store, deps.random);
  // Settings may have changed since the last start.
  store.transaction(() => publishAll(context));
  finishPurge(context);

  const requests = createRequestCounts();
  const strangers = createStrangers();
  const app = new Hono<{ Bindings: Bindings }>();
  const noSuchMethod = createMethods();
  const operations = Object.keys(HANDLERS).filter((key): key is Operation => key in ENDPOINTS);
  for (const operation of operations) {
    const described = ENDPOINTS[operation];
    app.on(described.method, described.path.replace(/\{(\w+)\}/g, ":$1"), async (c) => {
      if (c.req.raw.method === "HEAD" && !answersHead(described)) {
        return noSuchMethod("HEAD", c.req.path);
      }
      const answer = async () => {
        try {
          return await HANDLERS[operation](context, c.req.raw, c.req.param(), c.env.caller);
        } catch (thrown) {
          return internal(context, operation, thrown);
        }
      };
      const response = await answer();
      requests.answered(operation, response.status);
      return response;
    });
  }
  // Made when it is first asked for: few ever do.
  let document: string | null = null;
  app.get("/api/v1/openapi.json", (c) => {
    if (may(c.env.caller, "read", { kind: "any" })) {
      document ??= JSON.stringify(openApi(deps.settings.version));
      return c.body(document, 200, { "content-type": "application/json" });
    }
    const code = c.env.caller.kind === "anonymous" ? "not_logged_in" : "forbidden";
    return problemResponse(
      problemOf(new SkerryError(code, "this is not for everyone", "Log in, or send an API token.")),
    );
  });
  app.get("/metrics", async (c) => {
    const { caller } = c.env;
    if (may(caller, "read", { kind: "global" })) return await metricsResponse(context, requests);
    const code = caller.kind === "anonymous" ? "not_logged_in" : "forbidden";
    const remedy = "Use a token whose role, viewer or more, holds everywhere.";
    return problemResponse(
      problemOf(new SkerryError(code, "metrics are not for everyone", remedy)),
    );
  });
  const uploads = createHeldUploads(join(dirname(deps.blobsFolder), "uploads"), deps);
  let web: Promise<Web> | null = null;
  // Loaded for the first one who looks: a box at which nobody does has no need of pages in memory.
  const pages = () =>
    web ??= import("./web/web.ts").then(({ createWeb }) =>
      createWeb({
        ...context,
        uploads,
        api: async (request, caller) =>
          await app.fetch(request, { caller, identify: async () => caller }),
      })
    );
  app.notFound(async (c) => {
    if (!/^\/(api\/|metrics$)/.test(c.req.path)) {
      const response = await (await pages()).fetch({ request: c.req.raw, ...c.env });
      requests.answered("page", response.status);
      return response;
    }
    const refused = noSuchMethod(c.req.method, c.req.path);
    requests.answered("other", refused.status);
    return refused;
  });
  app.onError((thrown) => internal(context, "routing", thrown));

  return {
    async fetch(unidentified, vouched) {
      let request = unidentified;
      let caller: Caller = vouched;
      const { url, headers } = unidentified;
      // Once more without its body; a signature is used up by the first time.
      const again = async () =>
        caller.kind === "node" || caller.kind === "key" ? caller : (await identify(
          context,
          new Request(url, { headers }),
          vouched,
        )).caller;
      if (!closing.signal.aborted) {
        try {
          ({ request, caller } = await identify(context, unidentified, vouched));
        } catch (thrown) {
          if (!unidentified.bodyUsed) await unidentified.body?.cancel().catch(() => undefined);
          return internal(context, "identify", thrown);
        }
      }
      // Reading a body takes time, in which the app may have closed.
      if (!closing.signal.aborted) {
        try {
          using _stay = strangers.enter(caller);
          return await app.fetch(request, { caller, identify: again });
        } catch (thrown) {
          await request.body?.cancel().catch(() => undefined);
          return internal(context, "admission", thrown);
        }
      }
      await request.body?.cancel();
      return problemResponse(problemOf(
        new SkerryError("closing", "the control plane is ending", "Try again in a moment."),
      ));
    },
    createEnrollToken: (lifetimeMs = TOKEN_LIFETIME_MS) => createEnrollToken(context, lifetimeMs),
    createSetupLink: () => hasAdmin(context) ? null : makeSetupLink(context),
    awaitsNode: () => awaitsNode(context),
    collect() {
      endExpired(context);
      return collect(context);
    },
    expireUploads: () => uploads.expire(),
    close() {
      if (closing.signal.aborted) return;
      closing.abort();
      context.logins.revocations.endAll();
      context.intentBell.ringAll();
      context.releaseBell.ringAll();
      stateBell.ringAll();
      context.replays.close();
      store.close();
    },
  };
}
