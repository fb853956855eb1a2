import assert from "node:assert/strict";
import { createAuthority } from "../shared/certificates/authority.ts";
import { createOwnCertificates } from "../shared/certificates/own.ts";
import { systemClock } from "../shared/clock.ts";
import { type Log, silentLog } from "../shared/log.ts";
import { CONTROL_NAME } from "../shared/certificates/home_certificates.ts";
import { startHttps } from "./https_server.ts";

const HOST = "127.0.0.1";

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A port that nobody listens on at the moment. */
function freePort(): number {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  return listener.addr.port;
}

async function withHttps(
  work: (at: { port: number; ca: string; told: string[] }) => Promise<void>,
  options: { port?: number } = {},
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "skerry-https-" });
  const authority = createAuthority({ dir, label: "box" });
  const told: string[] = [];
  const log: Log = {
    ...silentLog,
    error: (message, fields) => told.push(`${message} ${JSON.stringify(fields)}`),
  };
  const port = options.port ?? freePort();
  const https = startHttps({
    listen: { hostname: HOST, port },
    certificates: createOwnCertificates({ dir: `${dir}/page`, authority }),
    handler: async (request, address) =>
      new Response(`${new URL(request.url).pathname} for ${address}`),
    clock: systemClock,
    log,
  });
  try {
    await work({ port, ca: await authority.certificate(), told });
  } finally {
    await https.close();
    await Deno.remove(dir, { recursive: true });
  }
}

async function answers(port: number): Promise<boolean> {
  return await Deno.connect({ hostname: HOST, port }).then((connection) => {
    connection.close();
    return true;
  }, () => false);
}

Deno.test("whoever trusts the authority reaches the page by address, by localhost and by its own name", async () => {
  await withHttps(async ({ port, ca }) => {
    await until(() => answers(port));
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
  }, { port });
});
