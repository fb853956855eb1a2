/**
 * The page and the API over HTTPS. What goes wrong here (the port is taken, no certificate can be
 * made) is told and tried again; it never ends the program, which runs the containers.
 */
import type { Clock } from "../shared/clock.ts";
import { messageOf, SkerryError } from "../shared/errors.ts";
import type { Log } from "../shared/log.ts";
import { CONTROL_NAME, ownNames } from "../shared/certificates/home_certificates.ts";
import type { OwnCertificates } from "../shared/certificates/own.ts";
import type { ListenAddress } from "./flags.ts";

/** What could not be begun is tried again after this. */
const RETRY_MS = 10_000;
/** So often is looked whether the certificate is still right. */
const LOOK_MS = 60_000;

export interface HttpsServerDeps {
  readonly listen: ListenAddress;
  readonly certificates: OwnCertificates;
  /** @param address of who asks; null: not known */
  handler(request: Request, address: string | null): Promise<Response>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HttpsServer {
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

/** Begins in the background. */
export function startHttps(deps: HttpsServerDeps): HttpsServer {
  const { listen, certificates, clock, log } = deps;
  const ending = new AbortController();
  const closing: Promise<void>[] = [];
  let server: Deno.HttpServer | null = null;
  let shown: string | null = null;
  let said: string | null = null;

  async function renew(): Promise<void> {
    const { certFile, keyFile } = await certificates.ensure(
      [CONTROL_NAME, ...ownNames()],
      clock.now(),
    );
    if (certFile === shown || ending.signal.aborted) return;
    const [cert, key] = [await Deno.readTextFile(certFile), await Deno.readTextFile(keyFile)];
    if (ending.signal.aborted) return;
    if (server !== null) closing.push(server.shutdown());
    server = serve(cert, key);
    shown = certFile;
    log.info("the page and the API", { listen: `https://${listen.hostname}:${listen.port}` });
  }

  function serve(cert: string, key: string): Deno.HttpServer {
    const options = { ...listen, cert, key, onListen: () => undefined };
    try {
      return Deno.serve(
        options,
        (request, info) =>
          deps.handler(
            request,
            info.remoteAddr.transport === "tcp" ? info.remoteAddr.hostname : null,
          ),
      );
    } catch (thrown) {
      const taken = thrown instanceof Deno.errors.AddrInUse ||
        thrown instanceof Deno.errors.AddrNotAvailable ||
        thrown instanceof Deno.errors.PermissionDenied;
      throw taken ? portTaken(listen, thrown) : thrown;
    }
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      let wait = LOOK_MS;
      try {
        await renew();
        said = null;
      } catch (thrown) {
        wait = RETRY_MS;
        const why = messageOf(thrown);
        const remedy = thrown instanceof SkerryError ? thrown.remedy : null;
        if (why !== said) {
          log.error("the page and the API are not there over HTTPS", { why, remedy });
        }
        said = why;
      }
      await clock.sleep(wait, ending.signal);
    }
  }

  const running = run();
  return {
    async close() {
      ending.abort();
      await running;
      if (server !== null) closing.push(server.shutdown());
      await Promise.all(closing);
    },
  };
}
