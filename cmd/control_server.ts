/** The control plane of a home, listening on its unix socket and by HTTPS. */
import { dirname } from "node:path";
import { type ControlApp, createApp } from "../control/app.ts";
import { loadControlKeys } from "../control/keys.ts";
import { createRoom } from "../control/room.ts";
import { API_ORIGIN } from "../shared/api/client.ts";
import { homeCertificates, ownNames } from "../shared/certificates/home_certificates.ts";
import { systemClock } from "../shared/clock.ts";
import { homeBallast } from "../shared/ballast.ts";
import { readSpace } from "../shared/disk_space.ts";
import { messageOf } from "../shared/errors.ts";
import type { Log } from "../shared/log.ts";
import type { AgentLink } from "../shared/model/link.ts";
import type { NodeId } from "../shared/model/ids.ts";
import type { ControlOptions } from "./flags.ts";
import { startHttps } from "./https/server.ts";
import { leaveJoinToken } from "./join_token.ts";
import { pageUrl, tellOfSetup } from "./setup_link.ts";
import { VERSION } from "./version.ts";

/** How long open streams may take to end. */
const CLOSE_WITHIN_MS = 3_000;
const DNS_TTL_SECONDS = 5;
const COLLECT_MS = 600_000;
/** What requests over the socket, and those within the process, are for. */
const AUTHORITIES = [new URL(API_ORIGIN).host];

export interface ControlServer {
  readonly app: ControlApp;
  close(): Promise<void>;
}

export interface ControlServerDeps {
  readonly options: ControlOptions;
  /** Ports that the ingress of this home's node takes. */
  readonly ingress: { readonly httpPort: number; readonly httpsPort: number };
  links(node: NodeId): AgentLink | null;
  /** Leaves a token for this home's agent to join with: it is a process of its own. */
  readonly joinToken: boolean;
  readonly log: Log;
}

/** The home's lock must be held: what is left of an earlier socket is removed. */
export async function startControl(deps: ControlServerDeps): Promise<ControlServer> {
  const { options, log } = deps;
  const { layout } = options;
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  await Deno.mkdir(dirname(layout.controlDatabase), { recursive: true, mode: 0o700 });
  await Deno.mkdir(layout.controlBlobs, { recursive: true, mode: 0o700 });
  await Deno.mkdir(layout.runDir, { recursive: true, mode: 0o711 });
  // The keys first: a start that is cut short leaves keys without a database, which harms nobody.
  const databaseExists = await holdsData(layout.controlDatabase);
  const keys = await loadControlKeys(layout.controlKeys, databaseExists, random);
  if (!databaseExists) {
    // Its journal files take the same mode.
    (await Deno.open(layout.controlDatabase, { write: true, create: true, mode: 0o600 })).close();
  }
  const certificates = homeCertificates(layout);
  const app = createApp({
    databasePath: layout.controlDatabase,
    blobsFolder: layout.controlBlobs,
    room: createRoom({ home: layout.home, readSpace, ballast: homeBallast(layout, readSpace) }),
    keys,
    clock: systemClock,
    random,
    log,
    links: deps.links,
    certificates,
    settings: {
      namePrefix: layout.namePrefix,
      version: VERSION,
      containerRange: options.containerCidr,
      meshRange: options.meshCidr,
      zone: options.zone,
      dnsTtlSeconds: DNS_TTL_SECONDS,
      authorities: AUTHORITIES,
      pageUrl: pageUrl(options.listen),
      ownNames,
      ...deps.ingress,
    },
  });
  await Deno.remove(layout.controlSocket).catch(() => undefined);
  const joining = deps.joinToken
    ? await leaveJoinToken({ layout, app, clock: systemClock, log })
    : null;
  const server = listenPrivately(layout.controlSocket, async (request) => {
    const response = await app.fetch(request, { kind: "root", via: "socket" });
    joining?.settle();
    return response;
  });
  const ending = new AbortController();
  const collecting = collectNowAndThen(app, log, ending.signal);
  const https = startHttps({
    listen: options.listen,
    certificates,
    handler: (request, address) => app.fetch(request, { kind: "anonymous", address, secure: true }),
    clock: systemClock,
    log,
  });
  tellOfSetup(app, log);
  log.info("control plane", { socket: layout.controlSocket });
  return {
    app,
    async close() {
      ending.abort();
      await collecting;
      await joining?.close();
      const shut = Promise.all([server.shutdown(), https.close()]);
      app.close();
      const closed = new AbortController();
      await Promise.race([shut, systemClock.sleep(CLOSE_WITHIN_MS, closed.signal)]);
      closed.abort();
    },
  };
}

/** Lets go of old releases and of files that nobody names. What fails is tried again next time. */
async function collectNowAndThen(app: ControlApp, log: Log, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await systemClock.sleep(COLLECT_MS, signal);
    if (signal.aborted) return;
    try {
      app.collect();
      await app.expireUploads();
    } catch (thrown) {
      log.warn("old releases and files were not collected", { reason: messageOf(thrown) });
    }
  }
}

/** Is there more than the empty file that a start leaves which was cut short? */
async function holdsData(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ size }) => size > 0, (thrown: unknown) => {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  });
}

/** A socket of mode 0600 from its first moment; nothing else runs while the umask is another. */
function listenPrivately(
  path: string,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer {
  const before = Deno.umask(0o177);
  try {
    return Deno.serve({ path, onListen: () => undefined }, handler);
  } finally {
    Deno.umask(before);
  }
}
