/** A real ingress in a folder and on ports of its own, and servers to put behind it, for the real tests. */
import assert from "node:assert/strict";
import { createAuthority } from "../../../shared/certificates/authority.ts";
import { createOwnCertificates, type OwnCertificates } from "../../../shared/certificates/own.ts";
import { createUploaded, type Uploaded } from "../../../shared/certificates/uploaded.ts";
import { createEngine } from "../../drivers/engine/create_engine.ts";
import type { Engine } from "../../drivers/engine/engine.ts";
import type { AccessLogBudget } from "../../drivers/traefik/access_log.ts";
import { freePort } from "../../drivers/traefik/internal_port.ts";
import { createTraefik, type Traefik } from "../../drivers/traefik/traefik.ts";
import { createRoutesFacet, type RoutesFacet } from "./facet.ts";
import { type WorldInput, worldOf } from "./world_fixture.ts";

export interface Ingress {
  readonly dir: string;
  readonly traefik: Traefik;
  readonly engine: Engine;
  readonly certificates: OwnCertificates;
  readonly uploaded: Uploaded;
  readonly facet: RoutesFacet;
  readonly http: string;
  readonly https: string;
  /** The loop in small: one step after another until nothing is left to do; the steps' kinds. */
  converge(input: WorldInput): Promise<readonly string[]>;
  /** The same files, seen by an agent that has just started. */
  restartedAgent(): Ingress;
  pid(): Promise<number>;
}

export interface IngressOptions {
  readonly accessLog?: AccessLogBudget;
  readonly httpPort?: number;
}

const DEADLINE_MS = 20_000;

export async function withIngress(
  work: (ingress: Ingress) => Promise<void>,
  options: IngressOptions = {},
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "skerry-ingress-" });
  const ports = { httpPort: options.httpPort ?? testPort(), httpsPort: testPort() };
  const ingress = ingressIn(dir, { ...options, ...ports });
  try {
    await work(ingress);
  } finally {
    await ingress.engine.stop(500);
    await Deno.remove(dir, { recursive: true });
  }
}

function ingressIn(
  dir: string,
  options: IngressOptions & { readonly httpPort: number; readonly httpsPort: number },
): Ingress {
  const traefik = createTraefik({ dir: `${dir}/traefik`, address: "127.0.0.1", ...options });
  const engine = createEngine({ stateFile: traefik.files.stateFile });
  const certificatesDir = traefik.files.certificatesDir;
  const authority = createAuthority({ dir: certificatesDir, label: "box" });
  const certificates = createOwnCertificates({ dir: certificatesDir, authority });
  const ownNames = () => ["localhost", "127.0.0.1"];
  const uploaded = createUploaded(`${dir}/uploaded`);
  const facet = createRoutesFacet({ traefik, engine, certificates, uploaded, ownNames });
  return {
    dir,
    traefik,
    engine,
    certificates,
    uploaded,
    facet,
    http: `http://127.0.0.1:${options.httpPort}`,
    https: `https://127.0.0.1:${options.httpsPort}`,
    converge: (input) => converge(facet, input),
    restartedAgent: () => ingressIn(dir, options),
    async pid() {
      const state = await engine.state();
      assert.notEqual(state.kind, "absent");
      return state.kind === "absent" ? 0 : state.pid;
    },
  };
}

async function converge(facet: RoutesFacet, input: WorldInput): Promise<readonly string[]> {
  const steps: string[] = [];
  const end = performance.now() + DEADLINE_MS;
  const { signal } = new AbortController();
  for (;;) {
    const seen = await facet.observe(worldOf(input).desired);
    const world = worldOf({ ...input, seen });
    const [planned] = facet.plan(world, 0);
    const verdict = planned?.verdict;
    if (verdict?.kind === "converged") return steps;
    assert.notEqual(verdict?.kind, "blocked", JSON.stringify(verdict));
    assert.ok(performance.now() < end, `not converged: ${JSON.stringify(verdict)}`);
    if (verdict?.kind === "do") {
      steps.push(verdict.step.kind);
      await facet.execute(verdict.step, world, signal);
    } else await pause(30);
  }
}

/** A free port of the range that these tests keep to. */
export function testPort(): number {
  return freePort({ from: 18_000, to: 18_999 });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `not in time: ${what}`);
    await pause(25);
  }
}

/** A request with a Host header of one's choice; fetch does not allow that. */
export async function ask(
  base: string,
  host: string,
  path = "/",
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: string; readonly location: string | null }> {
  const { hostname, port } = new URL(base);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = Object.entries({ ...headers, host, connection: "close" });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await connection.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\n${head}\r\n`));
  const text = await new Response(connection.readable).text();
  const [top = "", ...rest] = text.split("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(top)?.[1] ?? 0),
    body: rest.join("\r\n\r\n"),
    location: /^location: (.*)$/im.exec(top)?.[1]?.trim() ?? null,
  };
}

/** An HTTP server on an address of the loopback net. */
export async function withServer(
  hostname: string,
  port: number,
  handler: (request: Request) => Response | Promise<Response>,
  work: () => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname, port, onListen() {} }, handler);
  try {
    await work();
  } finally {
    await server.shutdown();
  }
}
