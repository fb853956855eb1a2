import assert from "node:assert/strict";
import { systemClock } from "../../shared/clock.ts";
import { SkerryError } from "../../shared/errors.ts";
import { openHomeEngine } from "./home_engine.ts";

Deno.test("a Podman that is still on its way up is waited for; a refusal is not", async () => {
  const dir = await Deno.makeTempDir();
  const socket = `${dir}/podman.sock`;
  let asked = 0;
  let server: Deno.HttpServer<Deno.UnixAddr> | null = null;
  const clock = {
    ...systemClock,
    // It comes up while the second pause is slept through.
    sleep: () => {
      asked += 1;
      if (asked === 2) {
        server = Deno.serve(
          { path: socket, onListen: () => {} },
          ({ url }) =>
            url.endsWith("/_ping")
              ? new Response("OK")
              : new Response('{"message": "no such volume today"}', { status: 500 }),
        );
      }
      return Promise.resolve();
    },
  };
  try {
    using home = openHomeEngine(socket, new AbortController().signal, clock);
    await home.ready();
    assert.equal(asked, 2);
    await assert.rejects(
      home.removeVolume("data"),
      (thrown) =>
        thrown instanceof SkerryError && thrown.code === "engine_refused" &&
        thrown.message.includes("no such volume today"),
    );
  } finally {
    await (server as Deno.HttpServer | null)?.shutdown();
    await Deno.remove(dir, { recursive: true });
  }
});
