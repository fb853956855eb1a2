import assert from "node:assert/strict";
import { createReadListeners, parseSockets } from "./listeners.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (local: string, state: string, inode: string) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000\n`;

Deno.test("listening TCP sockets, with IPv6 ones that take IPv4 too", () => {
  const text = HEAD + line("0100007F:1F90", "0A", "11") + line("00000000:0016", "0A", "12") +
    line("0100A8C0:0050", "01", "13");
  assert.deepEqual(parseSockets(text, "tcp"), [
    { address: "127.0.0.1", port: 8080, inode: "11" },
    { address: "0.0.0.0", port: 22, inode: "12" },
  ]);
  const six = HEAD + line(`${"0".repeat(32)}:0016`, "0A", "14") +
    line("00000000000000000000000001000000:0016", "0A", "15") +
    line("0000000000000000FFFF00000100007F:0017", "0A", "16");
  assert.deepEqual(parseSockets(six, "tcp"), [
    { address: "0.0.0.0", port: 22, inode: "14" },
    { address: "127.0.0.1", port: 23, inode: "16" },
  ]);
});

Deno.test("UDP sockets without a peer; broken lines are passed over", () => {
  const text = HEAD + line("3500007F:0035", "07", "1") + line("0100007F:1234", "01", "2") +
    "garbage\n\n   0: zz:1 x 07 a b c 0 0 9\n";
  assert.deepEqual(parseSockets(text, "udp"), [{ address: "127.0.0.53", port: 53, inode: "1" }]);
});

Deno.test("this process is found as the program behind its own port", async () => {
  const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const { port } = server.addr;
    const seen = await createReadListeners()(new Set([port]));
    const own = seen.find((listener) => listener.protocol === "tcp" && listener.port === port);
    assert.equal(own?.address, "127.0.0.1");
    assert.match(own?.program ?? "", /deno|main/i);
  } finally {
    server.close();
  }
});
