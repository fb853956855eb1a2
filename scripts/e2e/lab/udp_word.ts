/** A UDP server for tests: answers every datagram with one word. Arguments: address, port, word. */
const [hostname = "0.0.0.0", port = "", word = ""] = Deno.args;
const socket = Deno.listenDatagram({ transport: "udp", hostname, port: Number(port) });
for await (const [, from] of socket) {
  await socket.send(new TextEncoder().encode(`${word}\n`), from).catch(() => 0);
}
