import assert from "node:assert/strict";
import { unpackTar } from "modern-tar";
import type { ComposeModel } from "../../shared/compose/model.ts";
import { SkerryError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/model/hash.ts";
import { buildContext, contextFilter } from "./build_context.ts";
import {
  blobContent,
  candidates,
  collectFiles,
  isWithin,
} from "../../shared/project/carried_files.ts";

const coded = (code: string) => (thrown: unknown) =>
  thrown instanceof SkerryError && thrown.code === code;

function modelWith(mounts: [string, boolean][], configFile?: string): ComposeModel {
  return {
    name: "p",
    services: {
      s: {
        image: "i",
        command: null,
        entrypoint: null,
        networks: { default: null },
        volumes: mounts.map(([source, read_only]) => ({
          type: "bind",
          source,
          target: "/t",
          read_only,
        })),
      },
    },
    networks: {},
    volumes: {},
    secrets: {},
    configs: configFile === undefined ? {} : { c: { name: "p_c", file: configFile } },
  };
}

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a path lies in a folder by its parts, not by its letters", () => {
  assert(isWithin("/a/b", "/a/b"));
  assert(isWithin("/a/b", "/a/b/c"));
  assert(isWithin("/a/b", "/a/b/..c"));
  assert(!isWithin("/a/b", "/a/bc"));
  assert(!isWithin("/a/b", "/a"));
});

Deno.test("what is read-only and in the project travels, and configs from anywhere", () => {
  const model = modelWith([["/p/x", true], ["/p/rw", false], ["/etc/y", true]], "/etc/config");
  assert.deepEqual(candidates(model, "/p"), ["/etc/config", "/p/x"]);
});

Deno.test("files and folders are hashed with their modes; links within the project are followed", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/d/sub`, { recursive: true });
    await Deno.writeTextFile(`${folder}/d/sub/run`, "RUN", { mode: 0o755 });
    await Deno.chmod(`${folder}/d/sub/run`, 0o755);
    await Deno.writeTextFile(`${folder}/f`, "F");
    await Deno.chmod(`${folder}/f`, 0o640);
    await Deno.symlink("../f", `${folder}/d/link`);
    const { files, blobs } = await collectFiles(
      modelWith([[`${folder}/d`, true], [`${folder}/f`, true], [`${folder}/missing`, true]]),
      folder,
    );
    assert.deepEqual(files, {
      [`${folder}/d`]: {
        kind: "folder",
        entries: [
          { path: "link", sha256: sha256("F"), mode: 0o640 },
          { path: "sub/run", sha256: sha256("RUN"), mode: 0o755 },
        ],
      },
      [`${folder}/f`]: { kind: "file", sha256: sha256("F"), mode: 0o640 },
    });
    assert.deepEqual(await blobContent(sha256("F"), blobs), new TextEncoder().encode("F"));
    await Deno.writeTextFile(`${folder}/d/sub/run`, "changed");
    await assert.rejects(blobContent(sha256("RUN"), blobs), coded("file_changed"));
    await assert.rejects(blobContent(sha256("other"), blobs), coded("unknown_blob"));
  }));

Deno.test("a link out of the project, a circle and a missing config are errors", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/d`);
    await Deno.symlink("/etc/hostname", `${folder}/d/out`);
    await assert.rejects(
      collectFiles(modelWith([[`${folder}/d`, true]]), folder),
      coded("link_leads_out"),
    );
    await Deno.remove(`${folder}/d/out`);
    await Deno.symlink(".", `${folder}/d/round`);
    await assert.rejects(
      collectFiles(modelWith([[`${folder}/d`, true]]), folder),
      coded("link_loop"),
    );
    await assert.rejects(
      collectFiles(modelWith([], `${folder}/none`), folder),
      coded("unreadable"),
    );
  }));

Deno.test("a folder that is too much is bound in place, and this is said", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/big`);
    const file = await Deno.create(`${folder}/big/hole`);
    await file.truncate((64 << 20) + 1);
    file.close();
    const { files, notes } = await collectFiles(modelWith([[`${folder}/big`, true]]), folder);
    assert.deepEqual(files, {});
    assert.match(notes[0] ?? "", /big" is over 64 MiB/);
  }));

Deno.test(".dockerignore leaves out, exceptions bring back, the Dockerfile goes in any case", () => {
  const { keep, enter } = contextFilter("# c\n*\n!src\nsrc/*.log\n", "Dockerfile");
  const kept = ["Dockerfile", "src/a.ts", "src/a.log", "node_modules/x"].filter(keep);
  assert.deepEqual(kept, ["Dockerfile", "src/a.ts"]);
  assert(enter("src"));
  const plain = contextFilter("node_modules\n", "docker/Dockerfile");
  assert(!plain.enter("node_modules"));
  assert(plain.enter("docker"));
  assert(plain.keep("Node_modules"));
});

Deno.test("a context is a tar with modes, links and a Dockerfile from outside", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/context/sub`, { recursive: true });
    await Deno.writeTextFile(`${folder}/Dockerfile.x`, "FROM scratch");
    await Deno.writeTextFile(`${folder}/context/sub/run`, "x".repeat(200_000));
    await Deno.chmod(`${folder}/context/sub/run`, 0o755);
    await Deno.writeTextFile(`${folder}/context/empty`, "");
    await Deno.symlink("sub/run", `${folder}/context/link`);
    const { tar, dockerfile } = await buildContext({
      context: `${folder}/context`,
      dockerfile: "../Dockerfile.x",
    });
    const entries = await unpackTar(tar);
    assert.deepEqual(
      entries.map(({ header, data }) => [header.name, header.type, header.mode, data?.length]),
      [
        ["empty", "file", 0o644, 0],
        ["link", "symlink", 0o777, undefined],
        ["sub/", "directory", 0o755, undefined],
        ["sub/run", "file", 0o755, 200_000],
        [dockerfile, "file", 0o644, 12],
      ],
    );
    await assert.rejects(
      buildContext({ context: `${folder}/context`, dockerfile: "none" }),
      coded("unreadable"),
    );
    await assert.rejects(
      buildContext({ context: `${folder}/Dockerfile.x`, dockerfile: "x" }),
      coded("not_a_folder"),
    );
  }));
