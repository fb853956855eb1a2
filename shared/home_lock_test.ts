import assert from "node:assert/strict";
import { lockHome } from "./home_lock.ts";

Deno.test("a home is held by one at a time and is free again afterwards", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/lock`;
    {
      using _held = await lockHome(path);
      await assert.rejects(lockHome(path), (thrown: Error) => {
        assert.match(thrown.message, new RegExp(`process ${Deno.pid}`));
        return true;
      });
    }
    (await lockHome(path))[Symbol.dispose]();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
