import assert from "node:assert/strict";
import fc from "fast-check";
import { readHello } from "./client_hello.ts";

/** The first message of a real client. */
async function helloFor(serverName: string): Promise<Uint8Array> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const plain = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using server = await listener.accept();
  using tls = await Deno.startTls(plain, { hostname: serverName });
  const shaken = tls.handshake().catch(() => undefined);
  const buffer = new Uint8Array(16 << 10);
  let filled = 0;
  while (readHello(buffer.subarray(0, filled)).kind === "more") {
    filled += (await server.read(buffer.subarray(filled))) ?? 0;
  }
  server.closeWrite();
  await shaken;
  return buffer.slice(0, filled);
}

Deno.test("the name that a real client asks for is read; of an address there is none; cut anywhere more is wanted", async () => {
  const hello = await helloFor("Page.Test");
  assert.deepEqual(readHello(hello), { kind: "hello", serverName: "page.test" });
  assert.deepEqual(readHello(await helloFor("127.0.0.1")), { kind: "hello", serverName: null });
  for (let end = 0; end < hello.length; end++) {
    assert.deepEqual(readHello(hello.subarray(0, end)), { kind: "more" }, `${end}`);
  }
});

Deno.test("whatever comes, it is told apart without a throw", async () => {
  const hello = await helloFor("page.test");
  assert.deepEqual(readHello(new TextEncoder().encode("GET / HTTP/1.1")), { kind: "other" });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
    readHello(bytes);
    readHello(Uint8Array.from([0x16, 3, 1, ...bytes]));
  }));
  fc.assert(fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, value) => {
    const bent = hello.slice();
    bent[at] = value;
    readHello(bent);
  }));
});
