/// <reference lib="deno.worker" />
/** The least that Deno can do with a datagram: receive it and send it back as an answer. */
self.onmessage = async (event: MessageEvent<unknown>) => {
  const port = Number(event.data);
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
  self.postMessage("listening");
  const buffer = new Uint8Array(2048);
  for (;;) {
    const [data, from] = await socket.receive(buffer);
    buffer[2] = 0x84;
    await socket.send(data, from);
  }
};
