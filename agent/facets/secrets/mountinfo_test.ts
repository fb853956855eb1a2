import assert from "node:assert/strict";
import { fileSystemOf } from "./mountinfo.ts";

const MOUNTINFO = [
  "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
  "30 22 0:25 / /run rw,nosuid shared:2 - tmpfs tmpfs rw",
  "31 30 0:26 / /run/with\\040space rw - ramfs ramfs rw",
  "32 22 254:0 / /run/disk rw - ext4 /dev/vda rw",
  "33 32 0:27 / /run/disk rw - tmpfs skerry rw",
].join("\n");

Deno.test("the nearest mount decides, and of two at one point the later", () => {
  assert.equal(fileSystemOf(MOUNTINFO, "/var/lib"), "ext4");
  assert.equal(fileSystemOf(MOUNTINFO, "/run/skerry/secrets"), "tmpfs");
  assert.equal(fileSystemOf(MOUNTINFO, "/runner"), "ext4");
  assert.equal(fileSystemOf(MOUNTINFO, "/run/with space/a"), "ramfs");
  assert.equal(fileSystemOf(MOUNTINFO, "/run/disk"), "tmpfs");
  assert.equal(fileSystemOf("", "/"), null);
});
