/// <reference lib="deno.worker" />
/** The DNS Worker's entry: it has the network and nothing else. */
import { messageOf } from "../../../shared/errors.ts";
import { type FromWorker, ToWorker } from "./protocol.ts";
import { createDnsServer } from "./server.ts";

const HEARTBEAT_MS = 1_000;
const STALL_MS = 5_000;

const server = createDnsServer();

function say(message: FromWorker): void {
  self.postMessage(message);
}

self.onmessage = (event: MessageEvent<unknown>) => {
  const parsed = ToWorker.safeParse(event.data);
  if (!parsed.success) {
    say({ kind: "rejected", message: parsed.error.message });
    return;
  }
  const message = parsed.data;
  switch (message.kind) {
    case "configure":
      try {
        server.configure(message.config);
        say({ kind: "configured", id: message.id, problems: server.problems() });
      } catch (error) {
        say({ kind: "rejected", message: messageOf(error) });
      }
      return;
    case "fail":
      if (message.how === "die") self.close();
      else if (message.how === "throw") throw new Error("told to fail");
      else stall();
  }
};

function stall(): void {
  for (const end = performance.now() + STALL_MS; performance.now() < end;);
}

function beat(): void {
  server.tick();
  say({ kind: "alive", problems: server.problems(), counters: server.counters() });
}

setInterval(beat, HEARTBEAT_MS);
beat();
