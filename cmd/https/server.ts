/**
 * The page and the API over HTTPS. What goes wrong here (the port is taken, no certificate can be
 * made) is told and tried again; it never ends the program, which runs the containers.
 */
import { isIP } from "node:net";
import {
  CONTROL_NAME,
  type HomeCertificates,
  ownNames,
} from "../../shared/certificates/home_certificates.ts";
import type { Clock } from "../../shared/clock.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import type { ListenAddress } from "../flags.ts";
import { type Front, type FrontLimits, openFront } from "./front.ts";
import { createRunning, RUNNING_LIMITS, type RunningLimits } from "./running.ts";

/** What could not be begun is tried again after this. */
const RETRY_MS = 10_000;
/** So often is looked whether the certificates are still right. */
const LOOK_MS = 30_000;
/** A server whose certificate was followed by another takes those in that were led to it before. */
const RETIRE_MS = 30_000;

/** A request's body was too slow, too long, or one too many. */
const BODY_REFUSED = new Set([408, 413, 429, 503]);

export interface HttpsServerDeps {
  readonly listen: ListenAddress;
  readonly certificates: Pick<HomeCertificates, "page" | "uploaded">;
  /** @param address of who asks */
  handler(request: Request, address: string): Promise<Response>;
  readonly limits?: FrontLimits;
  readonly running?: RunningLimits;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HttpsServer {
  /** Looks at once whether the certificates are still right. */
  look(): Promise<void>;
  /** Stops listening at once; resolves when the last answer is given. Streams must be ended besides. */
  close(): Promise<void>;
}

/** The way out where a port is taken. */
export function portTaken(listen: ListenAddress, cause: unknown): SkerryError {
  const where = `${listen.hostname.includes(":") ? `[${listen.hostname}]` : listen.hostname}`;
  return new SkerryError(
    "port_taken",
    `the page and the API cannot listen on ${where}:${listen.port}: ${messageOf(cause)}`,
    `end what listens there (ss -ltnp "sport = :${listen.port}"), or choose another port with ` +
      "--listen ADDRESS:PORT",
    { cause },
  );
}

/** A server with one certificate, behind the door. */
interface Shown {
  readonly certFile: string;
  readonly names: readonly string[];
  readonly server: Deno.HttpServer<Deno.NetAddr>;
}

/** Does a certificate with these names cover that one? */
export function covers(names: readonly string[], asked: string): boolean {
  if (names.includes(asked)) return true;
  const parent = asked.slice(asked.indexOf("."));
  return isIP(asked) === 0 && asked.includes(".") && names.includes(`*${parent}`);
}

/** Begins in the background. */
export function startHttps(deps: HttpsServerDeps): HttpsServer {
  const { listen, certificates, clock, log } = deps;
  const admit = createRunning(deps.running ?? RUNNING_LIMITS);
  const ending = new AbortController();
  const closing: Promise<void>[] = [];
  let own: Shown | null = null;
  let uploaded: Shown | null = null;
  let front: Front | null = null;
  let said: string | null = null;
  let looking: Promise<void> = Promise.resolve();

  async function show(
    files: { readonly certFile: string; readonly keyFile: string },
    names: readonly string[],
    before: Shown | null,
  ): Promise<Shown> {
    if (before?.certFile === files.certFile) return before;
    const cert = await Deno.readTextFile(files.certFile);
    const key = await Deno.readTextFile(files.keyFile);
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => undefined },
      (request, { remoteAddr, completed }) => answer(request, remoteAddr.port, completed),
    );
    if (before !== null) closing.push(retire(before));
    return { certFile: files.certFile, names, server };
  }

  /** Those on the way to it get in yet; its connections go on to their end. */
  async function retire({ server }: Shown): Promise<void> {
    await clock.sleep(RETIRE_MS, ending.signal);
    await server.shutdown();
  }

  async function answer(
    request: Request,
    port: number,
    completed: Promise<void>,
  ): Promise<Response> {
    const visitor = front?.visitor(port) ?? null;
    // Somebody on this host who found the inner door: their address would not be known.
    if (visitor === null) return new Response(null, { status: 421 });
    const end = visitor.begin();
    completed.then(end, end);
    const admitted = admit(visitor.address);
    if (admitted.kind === "refused") {
      if (request.body !== null) visitor.dismiss();
      return admitted.response;
    }
    completed.then(admitted.leave, admitted.leave);
    const response = await deps.handler(request, visitor.address);
    if (response.status === 101) visitor.stay();
    if (BODY_REFUSED.has(response.status) && request.body !== null) visitor.dismiss();
    return response;
  }

  function serverFor(serverName: string | null, local: string): number | null {
    const asked = serverName ?? local;
    const shown = uploaded !== null && covers(uploaded.names, asked) ? uploaded : own;
    return shown?.server.addr.port ?? null;
  }

  async function renew(): Promise<void> {
    const names = [CONTROL_NAME, ...ownNames()];
    own = await show(await certificates.page.ensure(names, clock.now()), names, own);
    const handedIn = await certificates.uploaded.current();
    if (handedIn !== null) {
      uploaded = await show(handedIn, handedIn.facts.names, uploaded);
    } else if (uploaded !== null) {
      closing.push(retire(uploaded));
      uploaded = null;
    }
    if (front !== null || ending.signal.aborted) return;
    front = open();
    log.info("the page and the API", { listen: `https://${listen.hostname}:${front.port}` });
  }

  function open(): Front {
    try {
      return openFront({ ...deps, serverFor });
    } catch (thrown) {
      throw portTaken(listen, thrown);
    }
  }

  async function look(): Promise<boolean> {
    try {
      await renew();
      said = null;
      return true;
    } catch (thrown) {
      const why = messageOf(thrown);
      const remedy = thrown instanceof SkerryError ? thrown.remedy : null;
      if (why !== said) {
        log.error("the page and the API are not there over HTTPS", { why, remedy });
      }
      said = why;
      return false;
    }
  }

  /** One after the other. */
  function lookInTurn(): Promise<boolean> {
    const looked = looking.then(look);
    looking = looked.then(() => undefined);
    return looked;
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      const well = await lookInTurn();
      await clock.sleep(well ? LOOK_MS : RETRY_MS, ending.signal);
    }
  }

  const running = run();
  return {
    async look() {
      await lookInTurn();
    },
    async close() {
      ending.abort();
      front?.close();
      await running;
      await looking;
      front?.close();
      for (const shown of [own, uploaded]) if (shown !== null) closing.push(retire(shown));
      await Promise.all(closing);
    },
  };
}
