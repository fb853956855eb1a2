import assert from "node:assert/strict";
import fc from "fast-check";
import { parseEvent } from "./events.ts";
import { renderExecStart } from "./exec.ts";
import { createFrameReader } from "./exec_frames.ts";
import { imageSeen } from "./images.ts";
import { createLineSplitter } from "./json_lines.ts";
import { networkDifferences, renderNetworkBody } from "./networks.ts";

const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

function cut(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}

Deno.test("frames cut anywhere give each stream its bytes in order", () => {
  const frame = fc.record({
    stream: fc.constantFrom("stdout" as const, "stderr" as const),
    data: fc.uint8Array({ maxLength: 30 }),
  });
  fc.assert(fc.property(fc.array(frame), pieces, (frames, sizes) => {
    const wire = frames.flatMap(({ stream, data }) => [
      ...[stream === "stdout" ? 1 : 2, 0, 0, 0, 0, 0, 0, data.length],
      ...data,
    ]);
    const reader = createFrameReader();
    const found = { stdout: [] as number[], stderr: [] as number[] };
    for (const part of cut(Uint8Array.from(wire), sizes)) {
      for (const { stream, data } of reader.push(part)) found[stream].push(...data);
    }
    for (const name of ["stdout", "stderr"] as const) {
      const sent = frames.filter(({ stream }) => stream === name).flatMap(({ data }) => [...data]);
      assert.deepEqual(found[name], sent);
    }
  }));
});

Deno.test("lines cut anywhere are whole again; an endless one is refused", () => {
  const words = fc.array(
    fc.string({ unit: "grapheme", minLength: 1 }).map((s) => `x${s.replaceAll("\n", "")}`),
  );
  fc.assert(fc.property(words, pieces, (lines, sizes) => {
    const splitter = createLineSplitter("testing");
    const bytes = new TextEncoder().encode(lines.join("\n"));
    const found = cut(bytes, sizes).flatMap((part) => splitter.push(part));
    assert.deepEqual([...found, ...splitter.end()], lines);
  }));
  const splitter = createLineSplitter("testing");
  assert.throws(() => {
    for (let i = 0; i < 5; i++) splitter.push(new Uint8Array(500_000).fill(65));
  }, { code: "podman_answer" });
});

Deno.test("an event's nanoseconds are kept to the last digit, and commands make no noise", () => {
  const line = (action: string) =>
    `{"status":"${action}","id":"c1","Type":"container","Action":"${action}","Actor":{"ID":"c1","Attributes":{}},"timeNano":1795216061314718891}`;
  assert.deepEqual(parseEvent(line("died")), {
    action: "died",
    containerId: "c1",
    key: "c1/died/1795216061314718891",
  });
  assert.equal(parseEvent(line("exec_died")), null);
});

Deno.test("the start of a command asks for the upgrade and gives the terminal's size", () => {
  const request = { command: ["sh"], tty: true, stdin: true, size: { rows: 5, columns: 7 } };
  const text = renderExecStart("e1", request);
  const [head = "", body = ""] = text.split("\r\n\r\n");
  assert.match(head, /^POST \/v4\.0\.0\/libpod\/exec\/e1\/start HTTP\/1\.1\r\n/);
  assert.match(head, /Upgrade: tcp/);
  assert.match(head, new RegExp(`Content-Length: ${body.length}$`));
  assert.deepEqual(JSON.parse(body), { Detach: false, Tty: true, h: 5, w: 7 });
});

Deno.test("an image's ports, digests, volumes and id", () => {
  const image = imageSeen({
    Id: `sha256:${"1".repeat(64)}`,
    RepoTags: ["b:1", "a:1"],
    RepoDigests: null,
    Size: 5,
    Config: {
      ExposedPorts: { "80/tcp": {}, "53/udp": {}, "9000-9001": {}, "7/sctp": {}, x: {} },
      Volumes: { "/var/log": {}, "/keep/": {}, "": {} },
    },
  });
  assert.deepEqual(image, {
    id: "1".repeat(64),
    repoDigests: [],
    repoTags: ["a:1", "b:1"],
    exposedPorts: [
      { port: 53, protocol: "udp" },
      { port: 80, protocol: "tcp" },
      { port: 9000, protocol: "tcp" },
      { port: 9001, protocol: "tcp" },
    ],
    sizeBytes: 5,
    volumes: ["/keep/", "/var/log"],
  });
});

Deno.test("a network that differs is told by what differs", () => {
  const wanted = { name: "n", bridge: "sk-n", subnet: "10.0.0.0/24", gateway: "10.0.0.1" };
  const there = {
    network_interface: "sk-n",
    subnets: [{ subnet: "10.0.0.0/24", gateway: "10.0.0.1" }],
  };
  assert.deepEqual(networkDifferences(there, wanted), []);
  assert.deepEqual(networkDifferences({ ...there, network_interface: "x" }, wanted), [
    'its bridge is "x", wanted is "sk-n"',
  ]);
  assert.equal(networkDifferences({}, wanted).length, 3);
  assert.equal(renderNetworkBody(wanted).dns_enabled, false);
});
