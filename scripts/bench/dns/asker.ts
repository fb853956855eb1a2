/// <reference lib="deno.worker" />
/** Asks in a thread of its own, so that nothing but the server can be slow. */
import { z } from "zod";

const Order = z.object({
  packets: z.array(z.instanceof(Uint8Array)),
  port: z.int(),
  seconds: z.number(),
});
const LOST_MS = 2_000;

self.onmessage = async (event: MessageEvent<unknown>) => {
  const { packets, port, seconds } = Order.parse(event.data);
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const buffer = new Uint8Array(2048);
  const times: number[] = [];
  let lost = 0;
  const end = performance.now() + seconds * 1000;
  for (let i = 0; performance.now() < end; i++) {
    const packet = new Uint8Array(packets[i % packets.length] ?? []);
    packet[0] = i >> 8;
    packet[1] = i;
    const start = performance.now();
    await socket.send(packet, { transport: "udp", hostname: "127.0.0.1", port });
    if (await answered(socket, buffer, i & 0xffff)) times.push(performance.now() - start);
    else lost++;
  }
  socket.close();
  self.postMessage({ times, lost });
};

async function answered(
  socket: Deno.DatagramConn,
  buffer: Uint8Array,
  id: number,
): Promise<boolean> {
  const timer = { id: 0 as ReturnType<typeof setTimeout> | number };
  const late = new Promise<null>((resolve) => {
    timer.id = setTimeout(() => resolve(null), LOST_MS);
  });
  for (;;) {
    const got = await Promise.race([socket.receive(buffer), late]);
    if (got === null) return false;
    if (((buffer[0] ?? 0) << 8 | (buffer[1] ?? 0)) !== id) continue;
    clearTimeout(timer.id);
    return true;
  }
}
