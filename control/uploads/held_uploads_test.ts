import assert from "node:assert/strict";
import { createFakeClock } from "../testing/fake_clock.ts";
import { createHeldUploads } from "./held_uploads.ts";

const META = {
  owner: "ada",
  name: "shop",
  modes: {},
  projectName: null,
  variables: { PASSWORD: "hush" },
};

Deno.test("an upload is gone from the disk when its hour is over, also where nobody sends another", async () => {
  const folder = await Deno.makeTempDir({ prefix: "skerry-uploads-" });
  try {
    const clock = createFakeClock();
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    const root = `${folder}/uploads`;
    const uploads = createHeldUploads(root, { clock, random });
    await uploads.expire();
    const { id } = await uploads.begin("ada");
    await uploads.keep(id, META);
    clock.advance(3_600_000);
    await uploads.expire();
    assert.deepEqual((await uploads.get(id, "ada")).variables, META.variables);
    clock.advance(1);
    await uploads.expire();
    assert.deepEqual([...Deno.readDirSync(root)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
