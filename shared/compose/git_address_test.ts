import assert from "node:assert/strict";
import fc from "fast-check";
import { readGitAddress } from "./git_address.ts";

function address(text: string): unknown {
  const reading = readGitAddress(text);
  return reading.kind === "git" ? reading.address : reading.kind;
}

Deno.test("git addresses as Compose writes them", () => {
  const url = "https://example.com/a/app.git";
  assert.deepEqual(address(url), { url, ref: "HEAD", folder: "" });
  assert.deepEqual(address(`${url}#v1.2`), { url, ref: "v1.2", folder: "" });
  assert.deepEqual(address(`${url}#feature/x:sub/dir/`), {
    url,
    ref: "feature/x",
    folder: "sub/dir",
  });
  assert.deepEqual(address(`${url}#:sub`), { url, ref: "HEAD", folder: "sub" });
  assert.deepEqual(address("git@example.com:a/app.git#main"), {
    url: "git@example.com:a/app.git",
    ref: "main",
    folder: "",
  });
  assert.deepEqual(address("ssh://git@example.com/a.git"), {
    url: "ssh://git@example.com/a.git",
    ref: "HEAD",
    folder: "",
  });
  assert.deepEqual(address("github.com/a/b"), {
    url: "https://github.com/a/b",
    ref: "HEAD",
    folder: "",
  });
});

Deno.test("what is no git address, or must not be one", () => {
  for (
    const text of [
      "./folder",
      "app.git",
      "https://example.com/app.tar.gz",
      "ext::sh -c x",
      "file:///srv/app.git",
      "docker-image://alpine",
      "ssh://-oProxyCommand=x/a.git",
      "git@-host:a.git",
    ]
  ) assert.equal(address(text), "other", text);
  for (
    const text of [
      "https://example.com/a.git#--upload-pack=x",
      "https://example.com/a.git#a..b",
      "https://example.com/a.git#main:../../etc",
      "https://token@example.com/a.git",
    ]
  ) assert.equal(address(text), "wrong", text);
});

Deno.test("a password is in no message", () => {
  const reading = readGitAddress("https://u:hunter2@example.com/a.git");
  assert(reading.kind === "wrong");
  assert.doesNotMatch(reading.message + reading.remedy, /hunter2/);
});

Deno.test("whatever is written: nothing that git would take for an option", () => {
  const text = fc.oneof(
    fc.string(),
    fc.tuple(fc.constantFrom("https://h/a.git#", "git@h:", "ssh://", "git://h"), fc.string())
      .map((parts) => parts.join("")),
  );
  fc.assert(fc.property(text, (written) => {
    const reading = readGitAddress(written);
    if (reading.kind !== "git") return;
    const { url, ref, folder } = reading.address;
    assert(!url.startsWith("-") && !ref.startsWith("-") && !ref.includes(":"));
    assert(/^(https?|git|ssh):\/\/|^git@/i.test(url));
    assert(!folder.startsWith("/") && !folder.split("/").includes(".."));
  }));
});
