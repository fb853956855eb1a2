import assert from "node:assert/strict";
import { createApiClient } from "../shared/api/client.ts";
import { homeLayout } from "../shared/home.ts";
import { silentLog } from "../shared/log.ts";
import { startControl } from "./control_server.ts";

async function withHome(body: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "skerry-home-" });
  try {
    await body(home);
  } finally {
    await Deno.remove(homeLayout(home).runDir, { recursive: true }).catch(() => undefined);
    await Deno.remove(home, { recursive: true });
  }
}

function start(home: string) {
  return startControl({
    options: {
      layout: homeLayout(home),
      listen: { hostname: "127.0.0.1", port: 0 },
      containerCidr: "10.210.0.0/24",
      meshCidr: "10.110.0.0/16",
      zone: "internal",
      logLevel: "error",
    },
    ingress: { httpPort: 80, httpsPort: 443 },
    links: () => null,
    joinToken: false,
    log: silentLog,
  });
}

Deno.test("a first start that was cut short is no database whose keys are lost", async () => {
  await withHome(async (home) => {
    const { controlDatabase } = homeLayout(home);
    await Deno.mkdir(`${home}/control`);
    await Deno.writeFile(controlDatabase, new Uint8Array());
    const control = await start(home);
    const api = createApiClient((request) =>
      control.app.fetch(request, { kind: "root", via: "socket" })
    );
    assert.deepEqual(await api.projects(), []);
    await control.close();
    await Deno.remove(`${home}/control/keys/control.json`);
    await assert.rejects(start(home), { code: "keys_missing" });
    assert.ok((await Deno.stat(controlDatabase)).size > 0);
  });
});
