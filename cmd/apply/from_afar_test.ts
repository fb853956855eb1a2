import assert from "node:assert/strict";
import { SkerryError } from "../../shared/errors.ts";
import { prepare } from "../../shared/project/prepare.ts";
import { refuseBindsInPlace } from "./from_afar.ts";
import { readProject } from "./read_project.ts";

async function refused(volumes: string): Promise<string | null> {
  const cwd = await Deno.makeTempDir();
  try {
    const compose = `services: {a: {image: x, volumes: [${volumes}]}}\nvolumes: {data: }\n`;
    await Deno.writeTextFile(`${cwd}/compose.yaml`, compose);
    await Deno.mkdir(`${cwd}/site`);
    await Deno.writeTextFile(`${cwd}/site/index.html`, "hello");
    const read = { files: [], envFiles: [], profiles: [], projectName: "p", env: {}, cwd };
    refuseBindsInPlace(await prepare(readProject(read)));
    return null;
  } catch (thrown) {
    assert.ok(thrown instanceof SkerryError && thrown.code === "bind_from_afar", `${thrown}`);
    return `${thrown.message} ${thrown.remedy}`;
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

Deno.test("from afar what is only read travels; what is written names the volume to write", async () => {
  assert.equal(
    await refused('"./site:/www:ro", "data:/data", "/etc/localtime:/etc/localtime"'),
    null,
  );
  assert.match(
    await refused('"./site:/www"') ?? "",
    /"a" binds \.\/site and may write to it.*write "site:\/www" and, at the top level, volumes: \{site: \}/,
  );
  assert.match(await refused('"./gone:/x:ro"') ?? "", /binds \.\/gone, which is not there/);
});
