import assert from "node:assert/strict";
import { CONTROL_NAME, homeCertificates } from "../../shared/certificates/home_certificates.ts";
import { issueLeaf } from "../../shared/certificates/issue.ts";
import { createAuthority } from "../../shared/certificates/authority.ts";
import { subjectNames } from "../../shared/certificates/names.ts";
import { systemClock } from "../../shared/clock.ts";
import { type Log, silentLog } from "../../shared/log.ts";
import { FRONT_LIMITS, type FrontLimits } from "./front.ts";
import { RUNNING_LIMITS, type RunningLimits } from "./running.ts";
import { type HttpsServer, startHttps } from "./server.ts";

const HOST = "127.0.0.1";

interface At {
  readonly port: number;
  readonly ca: string;
  readonly told: string[];
  readonly dir: string;
  readonly https: HttpsServer;
  readonly certificates: ReturnType<typeof homeCertificates>;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A port that nobody listens on at the moment. */
function freePort(): number {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  return listener.addr.port;
}

async function handler(request: Request, address: string): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/ws") {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(`${data} back`);
    return response;
  }
  if (pathname === "/held") {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    writable.getWriter().write(new TextEncoder().encode("held")).catch(() => undefined);
    return new Response(readable);
  }
  if (pathname === "/refused") return new Response("no", { status: 413 });
  if (pathname === "/slow") await new Promise((resolve) => setTimeout(resolve, 300));
  return new Response(`${pathname} for ${address}`);
}

async function withHttps(
  work: (at: At) => Promise<void>,
  options: {
    port?: number;
    limits?: Partial<FrontLimits>;
    running?: RunningLimits;
    ready?: boolean;
  } = {},
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "skerry-https-" });
  const certificates = homeCertificates({ certificatesDir: `${dir}/c`, agentDir: `${dir}/agent` });
  const told: string[] = [];
  const log: Log = {
    ...silentLog,
    error: (message, fields) => told.push(`${message} ${JSON.stringify(fields)}`),
  };
  const port = options.port ?? freePort();
  const limits = { ...FRONT_LIMITS, ...options.limits };
  const listen = { hostname: HOST, port };
  const { running = RUNNING_LIMITS } = options;
  const clock = systemClock;
  const https = startHttps({ listen, certificates, handler, limits, running, clock, log });
  const ca = await certificates.authority.certificate();
  try {
    if (options.ready ?? true) await until(() => isOpen(port));
    await work({ port, ca, told, dir, https, certificates });
  } finally {
    await https.close();
    await Deno.remove(dir, { recursive: true });
  }
}

async function isOpen(port: number): Promise<boolean> {
  return await Deno.connect({ hostname: HOST, port }).then((connection) => {
    connection.close();
    return true;
  }, () => false);
}

async function raw(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: HOST, port });
  await connection.write(new TextEncoder().encode(text));
  return await new Response(connection.readable).text().catch(() => "reset");
}

Deno.test("whoever trusts the authority reaches the page by address, by localhost and by its own name", async () => {
  await withHttps(async ({ port, ca }) => {
    using client = Deno.createHttpClient({ caCerts: [ca] });
    for (const name of [HOST, "localhost"]) {
      const response: Response = await fetch(`https://${name}:${port}/a`, { client });
      assert.equal(await response.text(), `/a for ${HOST}`);
    }
    const plain = await Deno.connect({ hostname: HOST, port });
    using tls = await Deno.startTls(plain, { hostname: CONTROL_NAME, caCerts: [ca] });
    await tls.handshake();
    await assert.rejects(fetch(`https://${HOST}:${port}/`));
  });
});

Deno.test("a port that is taken is told with the way out, and taken once it is free", async () => {
  const taken = Deno.listen({ hostname: HOST, port: 0 });
  const { port } = taken.addr;
  await withHttps(async ({ told }) => {
    await until(() => told.length > 0);
    assert.match(told.join(), new RegExp(`cannot listen on ${HOST}:${port}.*--listen`));
    taken.close();
  }, { port, ready: false });
});

Deno.test("certificates are swapped while requests, new connections and a WebSocket go on", async () => {
  await withHttps(async ({ port, ca, https, dir, certificates }) => {
    using client = Deno.createHttpClient({ caCerts: [ca] });
    const socket = new WebSocket(`wss://${HOST}:${port}/ws`, { client });
    const said = async (text: string) => {
      const answer = new Promise((resolve) => {
        socket.onmessage = ({ data }) => resolve(data);
      });
      socket.send(text);
      return await answer;
    };
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    assert.equal(await said("a"), "a back");
    let stop = false;
    let answered = 0;
    const asking = Array.from({ length: 4 }, async (_, index) => {
      while (!stop) {
        // Connections of its own, and requests under way, at every swap.
        using fresh = Deno.createHttpClient({ caCerts: [ca], poolMaxIdlePerHost: 0 });
        const path = index % 2 === 0 ? "slow" : "quick";
        const response: Response = await fetch(`https://${HOST}:${port}/${path}`, {
          client: fresh,
        });
        assert.equal(await response.text(), `/${path} for ${HOST}`);
        answered += 1;
      }
    });
    const shown = new Set<string>();
    for (let swap = 0; swap < 5; swap++) {
      shown.add((await certificates.page.latest()) ?? "");
      await Deno.remove(`${dir}/c/page/current.json`);
      await https.look();
      const before = answered;
      await until(() => answered > before + 4);
    }
    stop = true;
    await Promise.all(asking);
    assert.equal(shown.size, 5);
    assert.equal(await said("b"), "b back");
    const closed = new Promise((resolve) => {
      socket.onclose = resolve;
    });
    socket.close();
    await closed;
  });
});

Deno.test("an uploaded certificate is shown for its names, the own one for all others", async () => {
  await withHttps(async ({ port, ca, https, dir, certificates }) => {
    const other = createAuthority({ dir: `${dir}/other`, label: "other" });
    const pair = await other.pair();
    const names = subjectNames(["page.test"]);
    const leaf = await issueLeaf(pair, names, Date.now(), new Uint8Array(16).fill(9));
    await certificates.uploaded.put(leaf.certificate, leaf.key, Date.now());
    await https.look();
    const trusted = async (hostname: string, authority: string) => {
      const plain = await Deno.connect({ hostname: HOST, port });
      using tls = await Deno.startTls(plain, { hostname, caCerts: [authority] });
      return await tls.handshake().then(() => true, () => false);
    };
    assert.equal(await trusted("page.test", pair.certificate), true);
    assert.equal(await trusted(CONTROL_NAME, ca), true);
    assert.equal(await trusted("page.test", ca), false);
    await certificates.uploaded.remove();
    await https.look();
    assert.equal(await trusted("page.test", pair.certificate), false);
    assert.equal(await trusted(CONTROL_NAME, ca), true);
  });
});

Deno.test("plain http is led to https; junk is told so", async () => {
  await withHttps(async ({ port }) => {
    const head = "GET /a?b=c HTTP/1.1\r\nHost: box:7443\r\n\r\n";
    assert.match(
      await raw(port, head),
      /^HTTP\/1\.1 308 .*\r\nlocation: https:\/\/box:7443\/a\?b=c\r/,
    );
    const split = "GET / HTTP/1.1\r\nHost: box\r\nset-cookie: x\r\n evil: https://x\r\n\r\n";
    assert.match(await raw(port, split), /location: https:\/\/box\/\r\n/);
    assert.match(await raw(port, "POST / HTTP/1.1\r\nHost: box\r\n\r\n"), /^HTTP\/1\.1 400 /);
    assert.match(await raw(port, "hello\r\n\r\n"), /^HTTP\/1\.1 400 /);
  });
});

Deno.test("whoever brings no request in time, or brings it byte by byte, is let go of", async () => {
  await withHttps(async ({ port, ca }) => {
    using silent = await Deno.connect({ hostname: HOST, port });
    const plain = await Deno.connect({ hostname: HOST, port });
    using tls = await Deno.startTls(plain, { hostname: CONTROL_NAME, caCerts: [ca] });
    await tls.handshake();
    const encoder = new TextEncoder();
    let sent = 0;
    const dripping = (async () => {
      await tls.write(encoder.encode("GET / HTTP/1.1\r\n"));
      for (;; sent++) {
        await tls.write(encoder.encode("a"));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })().catch(() => "let go of");
    const ends = async (connection: Deno.Conn) =>
      await connection.read(new Uint8Array(1)).catch(() => null);
    assert.equal(await ends(silent), null);
    assert.equal(await dripping, "let go of");
    assert.ok(sent > 0);
  }, { limits: { firstRequestMs: 300 } });
});

Deno.test("a connection goes on while a request is under way, and ends when none is for long", async () => {
  await withHttps(async ({ port, ca }) => {
    const plain = await Deno.connect({ hostname: HOST, port });
    using tls = await Deno.startTls(plain, { hostname: CONTROL_NAME, caCerts: [ca] });
    await tls.write(new TextEncoder().encode("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n"));
    const text = await new Response(tls.readable).text().catch((thrown: Error) => thrown.name);
    assert.match(text, /\/slow for 127\.0\.0\.1|UnexpectedEof/);
  }, { limits: { firstRequestMs: 200, idleMs: 200 } });
});

Deno.test("whoever goes on sending after a refusal is let go of soon", async () => {
  await withHttps(async ({ port, ca }) => {
    const plain = await Deno.connect({ hostname: HOST, port });
    using tls = await Deno.startTls(plain, { hostname: CONTROL_NAME, caCerts: [ca] });
    const encoder = new TextEncoder();
    await tls.write(
      encoder.encode("POST /refused HTTP/1.1\r\nhost: x\r\ncontent-length: 99999\r\n\r\n"),
    );
    const answer = new Uint8Array(1000);
    const count = await tls.read(answer) ?? 0;
    assert.match(new TextDecoder().decode(answer.subarray(0, count)), /^HTTP\/1\.1 413 /);
    const dripping = (async () => {
      for (;;) {
        await tls.write(encoder.encode("a"));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })().catch(() => "let go of");
    assert.equal(await dripping, "let go of");
  }, { limits: { firstRequestMs: 1_000, dismissedMs: 100 } });
});

Deno.test("nobody holds more connections than they may; others get in once they are gone", async () => {
  await withHttps(async ({ port, ca }) => {
    await until(async () => {
      using client = Deno.createHttpClient({ caCerts: [ca] });
      return await fetch(`https://${HOST}:${port}/`, { client }).then(
        (response) => response.text().then(() => true),
        () => false,
      );
    });
    const held = await Promise.all(
      Array.from({ length: 5 }, () => Deno.connect({ hostname: HOST, port })),
    );
    const refused = await Promise.any(held.map(async (each) => {
      assert.equal(await each.read(new Uint8Array(1)).catch(() => null), null);
      return true;
    }));
    assert.ok(refused);
    for (const each of held) each.close();
    await until(async () => {
      using client = Deno.createHttpClient({ caCerts: [ca] });
      return await fetch(`https://${HOST}:${port}/`, { client }).then(
        (response) => response.text().then(() => true),
        () => false,
      );
    });
  }, { limits: { perNetwork: 4 } });
});

Deno.test("requests at once are bounded, streams of one HTTP/2 connection too; streams that end make room", async () => {
  await withHttps(async ({ port, ca }) => {
    using client = Deno.createHttpClient({ caCerts: [ca], http1: false, http2: true });
    const ask = (path: string) => fetch(`https://${HOST}:${port}/${path}`, { client });
    const held = [await ask("held"), await ask("held"), await ask("held")];
    for (const { status } of held) assert.equal(status, 200);
    const refused = await ask("a");
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get("retry-after"), "5");
    const problem = await refused.json();
    assert.equal(problem.detail, `3 requests from ${HOST} are being answered, no more at one time`);
    await held[0]?.body?.cancel();
    await until(async () => {
      const response = await ask("a");
      await response.body?.cancel();
      return response.status === 200;
    });
    for (const { body } of held.slice(1)) await body?.cancel();
  }, { running: { perNetwork: 3, all: 10 } });
  await withHttps(async ({ port, ca }) => {
    using client = Deno.createHttpClient({ caCerts: [ca] });
    const held = await fetch(`https://${HOST}:${port}/held`, { client });
    const refused = await fetch(`https://${HOST}:${port}/a`, { client });
    assert.equal(refused.status, 503);
    assert.match(await refused.text(), /1 requests are being answered/);
    await held.body?.cancel();
  }, { running: { perNetwork: 3, all: 1 } });
});
