import assert from "node:assert/strict";
import { BlobWriter, TextReader, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import { SkerryError } from "../../shared/errors.ts";
import { createFakeClock } from "../testing/fake_clock.ts";
import { UPLOAD_BOUNDS, type UploadBounds } from "./bounds.ts";
import { createHeldUploads } from "./held_uploads.ts";
import { prepareUpload } from "./prepare_upload.ts";
import { readUpload, variablesIn } from "./read_upload.ts";
import { type Received, receiveUpload } from "./receive.ts";

type Sent = readonly (readonly [field: string, value: string | File])[];

async function received<T>(
  sent: Sent | Request,
  act: (got: Received, folder: string) => Promise<T> | T,
  bounds: UploadBounds = UPLOAD_BOUNDS,
): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    let request = sent instanceof Request ? sent : null;
    if (request === null) {
      const form = new FormData();
      for (const [name, value] of sent as Sent) form.append(name, value);
      request = new Request("http://localhost/apply", { method: "POST", body: form });
    }
    return await act(await receiveUpload(request, folder, bounds), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const refused = (code: string, ...words: RegExp[]) => (thrown: unknown) => {
  assert.ok(thrown instanceof SkerryError, String(thrown));
  assert.equal(thrown.code, code, thrown.message);
  for (const word of words) assert.match(thrown.message, word);
  return true;
};

interface Entry {
  readonly name: string;
  readonly content?: string | Uint8Array<ArrayBuffer>;
  readonly mode?: number;
  readonly password?: string;
}

async function zipOf(...entries: readonly Entry[]): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new BlobWriter("application/zip"), { useWebWorkers: false });
  for (const { name, content = "", mode, password } of entries) {
    const reader = typeof content === "string"
      ? new TextReader(content)
      : new Uint8ArrayReader(content);
    await writer.add(name, reader, {
      ...(mode === undefined
        ? {}
        : { externalFileAttributes: (mode << 16) >>> 0, versionMadeBy: 0x31e }),
      ...(password === undefined ? {} : { password }),
    });
  }
  return new Uint8Array(await (await writer.close()).arrayBuffer());
}

const upload = (zip: Uint8Array<ArrayBuffer>): Sent => [["file", new File([zip], "shop.zip")]];

Deno.test("a folder comes in with its paths, without what is no part of a project", () =>
  received(
    [
      ["project", "shop"],
      ["files", new File(["services: {}"], "demo/compose.yaml")],
      ["files", new File(["x=1"], "demo/conf/app.env")],
      ["files", new File(["ref"], "demo/.git/HEAD")],
      ["file", new File([], "")],
      ["text", ""],
    ],
    async (got, folder) => {
      assert.deepEqual(got.paths, ["demo/compose.yaml", "demo/conf/app.env"]);
      assert.equal(got.name, "demo");
      assert.deepEqual(got.fields, { project: "shop" });
      assert.equal(await Deno.readTextFile(`${folder}/demo/conf/app.env`), "x=1");
    },
  ));

Deno.test("a pasted file and one file alone are taken; both, and nothing, are errors", async () => {
  await received([["text", "services: {}"]], (got) => {
    assert.deepEqual(got.paths, ["compose.yaml"]);
  });
  await received([["file", new File(["services: {}"], "site.yml")]], (got) => {
    assert.deepEqual(got.paths, ["site.yml"]);
  });
  const nothing: Sent = [["text", " "], ["file", new File([], "")]];
  await assert.rejects(received(nothing, () => {}), refused("bad_request", /nothing/));
  const both: Sent = [["text", "x"], ["file", new File(["y"], "a.yaml")]];
  await assert.rejects(received(both, () => {}), refused("bad_request", /both/));
  const json = new Request("http://localhost/", { method: "POST", body: "{}" });
  await assert.rejects(received(json, () => {}), refused("bad_request"));
});

Deno.test("what is pasted without a name is asked for one; nobody is shown a folder that is none", async () => {
  const read = (text: string, projectName: string | null, name: string | null = null) =>
    received([["text", text]], (_got, folder) => {
      const upload = { id: "a", owner: "", at: 0, modes: {}, variables: {} };
      return readUpload({ ...upload, folder, name, projectName });
    });
  const nameless = await read("services: {a: {image: x}}", null);
  assert.ok(nameless.kind === "problems");
  const [fault] = nameless.problems;
  assert.deepEqual([fault?.file, fault?.line, fault?.column], ["compose.yaml", 1, 1]);
  assert.match(
    `${fault?.message}; ${fault?.remedy}`,
    /has no name: .*; write "name: NAME" .*Project/,
  );
  for (
    const [text, typed, folder, name, source] of [
      ["services: {a: {image: x}}", "shop", null, "shop", "pasted on the page"],
      ["name: lab\nservices: {a: {image: x}}", null, null, "lab", "pasted on the page"],
      ["services: {a: {image: x}}", null, "demo", "demo", "uploaded on the page: demo"],
    ] as const
  ) {
    const good = await read(text, typed, folder);
    assert.ok(good.kind === "ok");
    const prepared = await prepareUpload(good);
    assert.deepEqual([good.project.model.name, prepared.part.sourceFolder], [name, source]);
  }
});

Deno.test("a zip is unpacked with the modes that it says", async () => {
  const zip = await zipOf(
    { name: "shop/" },
    { name: "shop/compose.yaml", content: "services: {}" },
    { name: "shop/run.sh", content: "#!/bin/sh", mode: 0o100755 },
    { name: "__MACOSX/x", content: "x" },
  );
  await received(upload(zip), async (got, folder) => {
    assert.deepEqual(got.paths, ["shop/compose.yaml", "shop/run.sh"]);
    assert.equal(got.modes["shop/run.sh"], 0o755);
    assert.equal(got.name, "shop");
    assert.equal(await Deno.readTextFile(`${folder}/shop/run.sh`), "#!/bin/sh");
    await assert.rejects(Deno.stat(`${folder}.zip`), Deno.errors.NotFound);
  });
});

for (
  const [what, entries, ...words] of [
    ["leads out", [{ name: "a/../../etc/passwd" }], /"a\/\.\.\/\.\.\/etc\/passwd"/, /\.\./],
    ["absolute", [{ name: "/etc/passwd" }], /"\/etc\/passwd"/, /absolute/],
    ["of Windows", [{ name: "C:/x" }], /"C:\/x"/, /absolute/],
    ["backslash", [{ name: "..\\x" }], /backslash/],
    ["link", [{ name: "l", content: "/etc/shadow", mode: 0o120777 }], /"l" is a link/],
    ["device", [{ name: "d", mode: 0o020666 }], /"d" is neither/],
    ["encrypted", [{ name: "e", content: "x", password: "p" }], /"e" is encrypted/],
    ["case", [{ name: "A.yaml" }, { name: "a.yaml" }], /"a.yaml" and "A.yaml" differ/],
    ["file and folder", [{ name: "a" }, { name: "a/b" }], /is a file and a folder/],
    ["control character", [{ name: "a\nb" }], /"a\\nb"/, /control/],
    ["deep", [{ name: "a/".repeat(30) + "b" }], /folders deep/],
    ["long", [{ name: "a".repeat(2000) }], /more than 1024 bytes/],
  ] as const satisfies readonly (readonly [string, readonly Entry[], ...RegExp[]])[]
) {
  Deno.test(`a zip with an entry that is no good (${what}) is refused by name`, async () => {
    const zip = await zipOf({ name: "compose.yaml", content: "services: {}" }, ...entries);
    await assert.rejects(received(upload(zip), () => {}), refused("upload_refused", ...words));
  });
}

Deno.test("a refused zip leaves nothing beside its folder", async () => {
  const folder = `${await Deno.makeTempDir()}/files`;
  await Deno.mkdir(folder);
  const form = new FormData();
  form.append("file", new File([await zipOf({ name: "/etc/passwd" })], "shop.zip"));
  const request = new Request("http://localhost/apply", { method: "POST", body: form });
  await assert.rejects(receiveUpload(request, folder, UPLOAD_BOUNDS), refused("upload_refused"));
  assert.deepEqual([...Deno.readDirSync(`${folder}/..`)].map(({ name }) => name), ["files"]);
  await Deno.remove(`${folder}/..`, { recursive: true });
});

Deno.test("a name that is there twice is refused", async () => {
  const zip = await zipOf({ name: "ab", content: "1" }, { name: "aB", content: "2" });
  // The writer takes no name twice: the second one is renamed in the bytes.
  for (let i = 0; i < zip.length; i++) if (zip[i] === 0x42 && zip[i - 1] === 0x61) zip[i] = 0x62;
  await assert.rejects(
    received(upload(zip), () => {}),
    refused("upload_refused", /"ab" is there twice/),
  );
});

Deno.test("a bomb ends where it goes beyond its bound, whatever its headers promise", async () => {
  const zip = await zipOf({ name: "zeros", content: new Uint8Array(16 << 20) });
  assert.ok(zip.length < 40_000);
  const small = { ...UPLOAD_BOUNDS, ratioFloorBytes: 1 << 20, ratio: 10 };
  await assert.rejects(
    received(upload(zip), () => {}, small),
    refused("upload_refused", /"zeros" unpacks to more than/),
  );
  await assert.rejects(
    received(upload(zip), () => {}, { ...UPLOAD_BOUNDS, fileBytes: 1 << 20 }),
    refused("upload_refused", /1048576/),
  );
  // The sizes of the central directory and the local header set to 1.
  const lying = zip.slice();
  const view = new DataView(lying.buffer);
  for (let i = 0; i + 46 < lying.length; i++) {
    const signature = view.getUint32(i, true);
    if (signature === 0x02014b50) view.setUint32(i + 24, 1, true);
    if (signature === 0x04034b50) view.setUint32(i + 22, 1, true);
  }
  await assert.rejects(received(upload(lying), () => {}, small), refused("upload_refused"));
});

Deno.test("bounds of count, of a body and of broken input", async () => {
  const many = await zipOf(...Array.from({ length: 6 }, (_, i) => ({ name: `f${i}` })));
  await assert.rejects(
    received(upload(many), () => {}, { ...UPLOAD_BOUNDS, files: 5 }),
    refused("too_large", /more than 5 files/),
  );
  const big: Sent = [["file", new File([new Uint8Array(3 << 20)], "compose.yaml")]];
  await assert.rejects(
    received(big, () => {}, { ...UPLOAD_BOUNDS, bodyBytes: 1 << 20 }),
    refused("too_large"),
  );
  const half = (await zipOf({ name: "compose.yaml", content: "services: {}" })).slice(0, 60);
  await assert.rejects(
    received(upload(half), () => {}),
    refused("upload_refused", /cannot be read/),
  );
  const cut = new Request("http://localhost/", {
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=x" },
    body: '--x\r\ncontent-disposition: form-data; name="text"\r\n\r\nservices',
  });
  await assert.rejects(received(cut, () => {}), refused("bad_request"));
});

const COMPOSE = `services:
  web:
    image: nginx:\${TAG:?which one}
    environment: { GREETING: "\${GREETING:-hello}" }
    volumes: ["./conf:/etc/app:ro"]
`;

async function held(files: Readonly<Record<string, string>>, variables = {}) {
  const root = await Deno.makeTempDir();
  const uploads = createHeldUploads(root, {
    clock: createFakeClock(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  });
  const { id, folder } = await uploads.begin("ann");
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  const upload = await uploads.keep(id, {
    owner: "ann",
    name: "shop",
    modes: {},
    projectName: null,
    variables,
  });
  return { uploads, upload, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

Deno.test("an upload is read with its .env and what was typed; faults come with their line", async () => {
  await using asked = await held({ "compose.yaml": COMPOSE, "conf/a": "x" });
  const faulty = readUpload(asked.upload);
  assert.ok(faulty.kind === "problems");
  assert.deepEqual(
    faulty.problems.map(({ file, line, source }) => ({ file, line, source })),
    [{ file: "compose.yaml", line: 3, source: "    image: nginx:${TAG:?which one}" }],
  );
  assert.deepEqual(faulty.variables, [
    { name: "TAG", fallback: null, required: true, inFile: false },
    { name: "GREETING", fallback: "hello", required: false, inFile: false },
  ]);
  await using good = await held(
    { "compose.yaml": COMPOSE, "conf/a": "x", ".env": "TAG=1\nGREETING=from file" },
    { GREETING: "typed" },
  );
  const read = readUpload(good.upload);
  assert.ok(read.kind === "ok");
  assert.equal(read.project.model.services["web"]?.image, "nginx:1");
  assert.equal(read.project.model.services["web"]?.environment?.["GREETING"], "typed");
  const prepared = await prepareUpload(read);
  assert.equal(prepared.project, "shop");
  assert.deepEqual(Object.keys(prepared.part.files), ["/upload/shop/conf"]);
});

Deno.test("what variables an upload asks for is told of a megabyte of open braces and empty lines", async () => {
  await using asked = await held({
    "compose.yaml": `services: {a: {image: "x:$TAG"}}\nx-b: '${"${a:-".repeat(200_000)}'`,
    ".env": `${"\n".repeat(1_000_000)}  export TAG =1\n`,
  });
  const read = readUpload(asked.upload);
  assert.deepEqual(read.variables, [
    { name: "TAG", fallback: null, required: false, inFile: true },
  ]);
  assert.deepEqual(
    variablesIn(["${A:-${B:-${C}}} ${D:?why} $$E ${F-x}"]),
    [
      { name: "A", fallback: "${B:-${C}}", required: false },
      { name: "D", fallback: null, required: true },
      { name: "F", fallback: "x", required: false },
    ],
  );
});

for (
  const [what, files, code] of [
    [
      "a writable bind",
      { "compose.yaml": "services: {a: {image: x, volumes: ['./d:/d']}}" },
      "bind_of_upload",
    ],
    [
      "a bind of nothing",
      { "compose.yaml": "services: {a: {image: x, volumes: ['./d:/d:ro']}}" },
      "bind_of_upload",
    ],
    [
      "a build",
      { "compose.yaml": "services: {a: {build: .}}", Dockerfile: "FROM x" },
      "build_of_upload",
    ],
    ["a config of the host", {
      "compose.yaml": "services: {a: {image: x, configs: [c]}}\nconfigs: {c: {file: /etc/shadow}}",
    }, "outside_upload"],
    ["a secret of the host", {
      "compose.yaml":
        "services: {a: {image: x, secrets: [c]}}\nsecrets: {c: {file: ../../../etc/shadow}}",
    }, "outside_upload"],
  ] as const
) {
  Deno.test(`${what} is refused, and the host's files are never read`, async () => {
    await using asked = await held(files);
    const read = readUpload(asked.upload);
    assert.ok(read.kind === "ok");
    await assert.rejects(prepareUpload(read), refused(code));
  });
}

Deno.test("an env_file, extends and include of the host are not read", async () => {
  for (
    const text of [
      "services: {a: {image: x, env_file: [/etc/passwd]}}",
      "services: {a: {extends: {file: ../../../etc/compose.yaml, service: a}}}",
      "include: [/etc/hostname]\nservices: {a: {image: x}}",
    ]
  ) {
    await using asked = await held({ "compose.yaml": text });
    const read = readUpload(asked.upload);
    assert.ok(read.kind === "problems");
    assert.match(read.problems[0]?.message ?? "", /does not lie in the upload/);
  }
});

Deno.test("uploads are few, each its own account's, and go after an hour", async () => {
  const root = await Deno.makeTempDir();
  try {
    const clock = createFakeClock(Date.now());
    const uploads = createHeldUploads(root, {
      clock,
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    });
    const meta = { name: null, modes: {}, projectName: null, variables: {} };
    const made: string[] = [];
    for (let i = 0; i < 6; i++) {
      const { id } = await uploads.begin("ann");
      await uploads.keep(id, { ...meta, owner: "ann" });
      made.push(id);
      clock.advance(1000);
    }
    await assert.rejects(uploads.get(made[0] ?? "", "ann"), refused("not_found"));
    assert.equal((await uploads.get(made[5] ?? "", "ann")).owner, "ann");
    await assert.rejects(uploads.get(made[5] ?? "", "bob"), refused("not_found"));
    await assert.rejects(uploads.get("../../etc", "ann"), refused("not_found"));
    clock.advance(3_600_001);
    await assert.rejects(uploads.get(made[5] ?? "", "ann"), refused("not_found"));
    await uploads.begin("bob");
    assert.equal([...Deno.readDirSync(root)].length, 1);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
