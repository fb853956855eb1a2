import assert from "node:assert/strict";
import { homeCertificates } from "../../shared/certificates/home_certificates.ts";
import { systemClock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import { startHttps } from "../https/server.ts";
import { connectAway } from "./connect.ts";
import { claimedAuthority, isTrusted } from "./first_contact.ts";
import { controlAddress } from "./address.ts";
import { openTunnel } from "./tunnel.ts";

interface Box {
  readonly url: string;
  readonly ca: string;
  /** The same home with another authority. */
  startAnew(): Promise<void>;
  end(): Promise<void>;
}

async function withBox(work: (box: Box) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "skerry-away-" });
  const port = (() => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return listener.addr.port;
  })();
  const url = `https://127.0.0.1:${port}`;
  let stop: () => Promise<void> = async () => {};
  const start = async (home: string) => {
    const certificates = homeCertificates({ certificatesDir: `${dir}/${home}`, agentDir: dir });
    const ca = await certificates.authority.certificate();
    const https = startHttps({
      listen: { hostname: "127.0.0.1", port },
      certificates,
      clock: systemClock,
      log: silentLog,
      handler: async (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/api/v1/ca.pem") return new Response(ca);
        if (pathname === "/ws") {
          const bearer = request.headers.get("authorization");
          const { socket, response } = Deno.upgradeWebSocket(request);
          socket.onmessage = () => socket.send(`${bearer}`);
          return response;
        }
        if (pathname === "/api/v1/projects") {
          return Response.json({ detail: "the token has ended" }, { status: 401 });
        }
        if (pathname === "/silent") return new Response(new ReadableStream());
        if (pathname.endsWith("/version")) {
          return Response.json({ api: "v1", version: `${request.headers.get("authorization")}` });
        }
        return Response.json({}, { status: 500 });
      },
    });
    await https.look();
    stop = () => https.close();
    return ca;
  };
  const ca = await start("one");
  try {
    await work({
      url,
      ca,
      async startAnew() {
        await stop();
        await start("two");
      },
      async end() {
        await stop();
        stop = async () => {};
      },
    });
  } finally {
    await stop();
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("with its pinned authority a box is reached, and each request and WebSocket bears the token", async () => {
  await withBox(async ({ url, ca }) => {
    const address = controlAddress(url);
    assert.equal(await isTrusted(address), false);
    assert.equal((await claimedAuthority(address)).pem.trim(), ca.trim());
    using connection = connectAway("box", { url, authority: ca, token: "skt_1" });
    assert.equal((await connection.api.version()).version, "Bearer skt_1");
    await assert.rejects(connection.api.projects(), { code: "logged_out" });
    const socket = connection.webSocket("/ws");
    const said = await new Promise((resolve) => {
      socket.onopen = () => socket.send("who");
      socket.onmessage = ({ data }) => resolve(data);
    });
    assert.equal(said, "Bearer skt_1");
    const closed = new Promise((resolve) => {
      socket.onclose = resolve;
    });
    socket.close();
    await closed;
  });
});

Deno.test("another authority is refused in plain words, and nothing is sent to it", async () => {
  await withBox(async ({ url, ca, startAnew, end }) => {
    using before = connectAway("box", { url, authority: ca, token: "skt_1" });
    assert.equal((await before.api.version()).version, "Bearer skt_1");
    await startAnew();
    using after = connectAway("box", { url, authority: ca, token: "skt_1" });
    await assert.rejects(after.api.version(), (thrown: Error) => {
      assert.match(thrown.message, /HAS CHANGED/);
      assert.match(thrown.message, /pinned: [0-9A-F:]{95}\nshown: +[0-9A-F:]{95}/);
      return true;
    });
    using public_ = connectAway("box", { url, authority: null, token: "skt_1" });
    await assert.rejects(public_.api.version(), { code: "certificate_refused" });
    await end();
    using gone = connectAway("box", { url, authority: ca, token: "skt_1" });
    await assert.rejects(gone.api.version(), { code: "control_unreachable" });
    await assert.rejects(claimedAuthority(controlAddress(url)), { code: "control_unreachable" });
  });
});

Deno.test("a link that is silent for too long counts as lost, and the next connection is tried", async () => {
  await withBox(async ({ url, ca }) => {
    using tunnel = openTunnel(controlAddress(url), ca, 300);
    using client = Deno.createHttpClient({
      proxy: { transport: "tcp", hostname: "127.0.0.1", port: tunnel.port },
    });
    const answer = await fetch("http://box/silent", { client });
    await assert.rejects(answer.text());
    const after = await fetch("http://box/api/v1/ca.pem", { client });
    assert.match(await after.text(), /BEGIN CERTIFICATE/);
  });
});
