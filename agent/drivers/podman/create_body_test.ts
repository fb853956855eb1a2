import assert from "node:assert/strict";
import { createFor, plainSpec } from "./contract_specs.ts";
import { renderCreateBody } from "./create_body.ts";
import type { ContainerCreate } from "./driver.ts";
import { assertGolden } from "./golden.ts";
import { signalNumber } from "./signals.ts";

const ulimits = { nofile: 20_000, nproc: 32_768 };
const base = createFor(
  {
    imageId: "1".repeat(64),
    imageReference: "localhost/x:1",
    network: { name: "skerry-main", gateway: "10.210.0.1" },
    namePrefix: "skerry",
    address: (n) => `10.210.0.${n}`,
  },
  "web",
  5,
  ["/bin/web"],
);

function golden(name: string, create: ContainerCreate): void {
  assertGolden(name, `${JSON.stringify(renderCreateBody(create, { ulimits }), null, 2)}\n`);
}

Deno.test("a plain container", () => golden("create_plain.json", base));

Deno.test("a container with all that a spec can say", () => {
  golden("create_full.json", {
    ...base,
    mounts: [
      { kind: "volume", source: "skerry-p-data-1", target: "/data", readOnly: false },
      { kind: "volume", source: "skerry-p-ro-1", target: "/ro", readOnly: true },
      { kind: "volume", source: "skerry-p-n-1", target: "/n", readOnly: false, noCopy: true },
      { kind: "bind", source: "/srv/x", target: "/x", readOnly: true },
      { kind: "bind", source: "/srv/y", target: "/y", readOnly: false },
      { kind: "tmpfs", source: "", target: "/t", readOnly: false },
      { kind: "tmpfs", source: "", target: "/s", readOnly: false, sizeBytes: 4096, mode: 0o700 },
    ],
    spec: {
      ...base.spec,
      entrypoint: ["/entry"],
      labels: { "org.example": "kept" },
      workingDir: "/w",
      user: "1000:1000",
      hostname: "web-1",
      extraHosts: [
        { name: "gate", address: "host-gateway" },
        { name: "db", address: "10.0.0.5" },
      ],
      resources: {
        cpus: 1.5,
        memoryBytes: 67_108_864,
        memoryReservationBytes: 33_554_432,
        pids: 99,
      },
      ulimits: [
        { name: "nofile", soft: 10, hard: 20 },
        { name: "RLIMIT_CORE", soft: 0, hard: 0 },
      ],
      capAdd: ["NET_RAW"],
      capDrop: ["ALL"],
      readOnly: true,
      init: true,
      stopSignal: "SIGQUIT",
      stopGraceMs: 1500,
    },
  });
});

Deno.test("a container without a network", () => {
  const spec = {
    ...base.spec,
    extraHosts: [{ name: "gate", address: "host-gateway" }],
  };
  golden("create_no_network.json", { ...base, network: null, spec });
});

Deno.test("empty lists clear what the image says, and only that", () => {
  const body = (spec: ContainerCreate["spec"], imageEntrypoint?: readonly string[]) => {
    const options = imageEntrypoint === undefined ? { ulimits } : { ulimits, imageEntrypoint };
    const { entrypoint, command } = renderCreateBody({ ...base, spec }, options);
    return { entrypoint, command };
  };
  const { command: _, ...silent } = plainSpec([]);
  assert.deepEqual(body(silent), { entrypoint: undefined, command: undefined });
  assert.deepEqual(body({ ...silent, entrypoint: [] }), { entrypoint: [""], command: undefined });
  assert.deepEqual(body({ ...silent, command: [] }, ["/own"]), {
    entrypoint: ["/own"],
    command: [],
  });
  assert.deepEqual(body({ ...silent, command: [] }), { entrypoint: [""], command: [] });
});

Deno.test("a stop signal that does not exist is refused by its name", () => {
  const spec = { ...base.spec, stopSignal: "SIGNOPE" };
  assert.throws(() => renderCreateBody({ ...base, spec }, { ulimits }), {
    code: "invalid",
    message: /"SIGNOPE"/,
  });
});

Deno.test("signals by name, number and real-time offset", () => {
  const cases: readonly (readonly [string, number | null])[] = [
    ["SIGTERM", 15],
    ["term", 15],
    ["9", 9],
    ["SIGRTMIN+3", 37],
    ["RTMAX-1", 63],
    ["RTMIN", 34],
    ["SIGRTMAX+1", null],
    ["0", null],
    ["65", null],
    ["", null],
  ];
  for (const [text, number] of cases) assert.equal(signalNumber(text), number, text);
});
