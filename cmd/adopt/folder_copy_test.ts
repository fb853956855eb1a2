import assert from "node:assert/strict";
import { copyFolder, folderDigest, folderSize } from "./folder_copy.ts";

const never = new AbortController().signal;

async function withFolders(act: (from: string, to: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${dir}/from/sub`, { recursive: true });
    await Deno.writeTextFile(`${dir}/from/sub/file`, "content");
    await Deno.link(`${dir}/from/sub/file`, `${dir}/from/link`);
    await Deno.symlink("/nowhere", `${dir}/from/dangling`);
    await Deno.mkdir(`${dir}/to`);
    await act(`${dir}/from`, `${dir}/to`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a copy has the digest of its original; sockets count as nothing", async () => {
  await withFolders(async (from, to) => {
    const before = await folderDigest(from, never);
    await copyFolder(from, to, never);
    assert.deepEqual(await folderDigest(to, never), before);
    assert.equal(before.entries, 4);
    assert.equal((await Deno.stat(`${to}/link`)).nlink, 2);
    const size = await folderSize(to, never);
    assert.ok(size !== null && size.bytes > 0 && size.files > 1);
  });
});

Deno.test("every change of a copy is seen", async () => {
  const changes: Record<string, (to: string) => Promise<void>> = {
    content: (to) => Deno.writeTextFile(`${to}/sub/file`, "CONTENT"),
    mode: (to) => Deno.chmod(`${to}/sub`, 0o700),
    "the folder's own mode": (to) => Deno.chmod(to, 0o711),
    time: (to) => Deno.utime(`${to}/sub/file`, 1, 1),
    "one more": (to) => Deno.writeTextFile(`${to}/more`, ""),
    "one less": (to) => Deno.remove(`${to}/dangling`),
  };
  for (const [what, change] of Object.entries(changes)) {
    await withFolders(async (from, to) => {
      await copyFolder(from, to, never);
      await change(to);
      const [a, b] = [await folderDigest(from, never), await folderDigest(to, never)];
      assert.notEqual(a.digest, b.digest, what);
    });
  }
});

Deno.test("a folder that is not there is told", async () => {
  assert.equal(await folderSize("/nowhere/at/all", never), null);
  await assert.rejects(folderDigest("/nowhere/at/all", never), { code: "copy_failed" });
});
