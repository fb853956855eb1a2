import assert from "node:assert/strict";
import type { Transport } from "../../shared/api/client.ts";
import type { VerifiedImage } from "../../shared/api/images.ts";
import { createFakeHost, idleDaemons } from "../fake_host.ts";
import { runProgram } from "../program.ts";

const image = (reference: string, over: Partial<VerifiedImage> = {}): VerifiedImage => ({
  reference,
  digest: null,
  id: "a".repeat(64),
  neededBy: ["shop/web"],
  neededFor: "running",
  state: "whole",
  problems: [],
  remedy: null,
  readBytes: 1000,
  ...over,
});

async function run(args: readonly string[], events: readonly unknown[]) {
  const lines: string[] = [];
  const transport: Transport = async (request) => {
    const { pathname, search } = new URL(request.url);
    lines.push(`${request.method} ${pathname}${decodeURIComponent(search)}`);
    return new Response(events.map((each) => `${JSON.stringify(each)}\n`).join(""));
  };
  const host = createFakeHost({ transport });
  const code = await runProgram(["image", ...args], host, idleDaemons);
  return { code, out: host.printed(), err: host.said(), lines };
}

Deno.test("all whole is exit 0; one that is not is named with its way out, and exit 1", async () => {
  const whole = await run(["verify"], [
    { type: "progress", line: "r.lan/a:1 (1 of 1)" },
    { type: "done", items: [image("r.lan/a:1")] },
  ]);
  assert.equal(whole.code, 0, whole.err);
  assert.deepEqual(whole.lines, ["GET /api/v1/images/verification"]);
  assert.match(whole.out, /r\.lan\/a:1 +aaaaaaaaaaaa +whole +running +shop\/web/);
  assert.match(whole.err, /1 of 1 images are whole; /);

  const items = [
    image("r.lan/a:1"),
    image("r.lan/b:1", {
      state: "damaged",
      problems: ['layer 12: "bin/x" is gone'],
      remedy: "skerry image rm r.lan/b:1",
    }),
    image("r.lan/c:1", { state: "absent" }),
    image("r.lan/d:1", { state: "unchecked" }),
  ];
  const args = ["verify", "--release", "shop", "-o", "json"];
  const ill = await run(args, [{ type: "done", items }]);
  assert.equal(ill.code, 1);
  assert.deepEqual(ill.lines, ["GET /api/v1/images/verification?project=shop"]);
  assert.deepEqual(JSON.parse(ill.out), items);
  assert.match(
    ill.err,
    /r\.lan\/b:1 is damaged\n {2}layer 12: "bin\/x" is gone\n {2}skerry image rm/,
  );
  assert.match(ill.err, /1 of 4 images are whole/);
});

Deno.test("an answer that breaks off is no success", async () => {
  const broken = await run(["verify"], [{ type: "progress", line: "r.lan/a:1" }]);
  assert.equal(broken.code, 1);
});

Deno.test("a push prints the name with its digest, its progress aside", async () => {
  const digest = `sha256:${"d".repeat(64)}`;
  const reference = "r.lan/a:2";
  const pushed = await run(["push", "localhost/a:1", reference], [
    { type: "progress", line: "Copying blob" },
    { type: "done", reference, digest, id: "a".repeat(64) },
  ]);
  assert.equal(pushed.code, 0, pushed.err);
  assert.deepEqual(pushed.lines, [
    `POST /api/v1/images/push?image=localhost/a:1&destination=${reference}`,
  ]);
  assert.equal(pushed.out, `${reference}@${digest}\n`);
  assert.match(pushed.err, /Copying blob/);
});
