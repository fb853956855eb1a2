/**
 * Serves all pages over made state, to be looked at:
 *   deno run -A scripts/browser/show.ts --services 300 [--port 8090] [--long] [--lines A_SECOND]
 */
import { parseArgs } from "node:util";
import { createFixture } from "./fixture.ts";

const { values } = parseArgs({
  options: {
    services: { type: "string", default: "3" },
    port: { type: "string", default: "0" },
    lines: { type: "string", default: "0" },
    long: { type: "boolean", default: false },
  },
});
await using fixture = await createFixture({
  services: Number(values.services),
  port: Number(values.port),
  long: values.long,
  linesPerSecond: Number(values.lines),
});
Deno.stdout.writeSync(new TextEncoder().encode(`${fixture.origin}/\n`));
// As a real node does, so that pages have something to follow.
const heart = setInterval(() => {
  fixture.harness.clock.advance(Date.now() - fixture.harness.clock.now());
  fixture.harness.agent.settle().catch(() => undefined);
}, 5_000);
const ended = Promise.withResolvers<void>();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, ended.resolve);
}
await ended.promise;
clearInterval(heart);
