import assert from "node:assert/strict";
import type { DnsConfig } from "../../loops/dns/config.ts";
import { createKeptNames } from "./kept.ts";

const config: DnsConfig = {
  zone: "internal",
  ttlSeconds: 5,
  listen: [{ hostname: "127.0.0.1", port: 7453 }],
  subnet: "10.200.7.0/24",
  upstreams: [],
  hosts: [],
};

Deno.test("what was published is there after a restart; a damaged file is none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/names.json`;
    const kept = createKeptNames(path);
    assert.equal(await kept.load(), null);
    await kept.save(config);
    assert.deepEqual(await createKeptNames(path).load(), config);
    for (const damage of ["", "{", "{}"]) {
      await Deno.writeTextFile(path, damage);
      assert.equal(await kept.load(), null);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
