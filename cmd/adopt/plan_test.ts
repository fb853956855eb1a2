import assert from "node:assert/strict";
import { readCompose } from "../../shared/compose/mod.ts";
import type { ComposeModel } from "../../shared/compose/model.ts";
import { imagesOfManifest } from "./archive.ts";
import type { Findings } from "./findings.ts";
import { socketsToTry } from "./find_engine.ts";
import type { OldContainer } from "./old_engine.ts";
import { planAdoption, sizeText } from "./plan.ts";

const ID = "a".repeat(64);
const OTHER = "b".repeat(64);
const HOME = { home: "/home", namePrefix: "skerry" };
const GB = 1e9;
const SPACE = {
  totalBytes: 100 * GB,
  usedBytes: 10 * GB,
  freeBytes: 90 * GB,
  inodes: 100_000,
  freeInodes: 90_000,
};

function model(text: string): ComposeModel {
  const result = readCompose({
    files: [{ path: "/shop/compose.yaml", text }],
    projectDirectory: "/shop",
    environment: {},
    projectName: null,
    profiles: [],
    readFile: () => ({ kind: "missing" }),
  });
  assert.equal(result.kind, "ok");
  if (result.kind !== "ok") throw new Error("unreachable");
  return result.model;
}

const SHOP = model(`
services:
  web: { image: "nginx:1", volumes: ["data:/data", "/cache"] }
  api: { build: . }
volumes: { data: {} }
`);

function container(service: string, more: Partial<OldContainer> = {}): OldContainer {
  return {
    id: ID,
    name: `shop-${service}-1`,
    service,
    running: true,
    startedAt: "2026-01-01T00:00:00Z",
    restart: { Name: "always", MaximumRetryCount: 0 },
    autoRemove: false,
    image: { reference: service === "web" ? "docker.io/library/nginx:1" : "shop-api", id: ID },
    volumes: new Map(),
    ...more,
  };
}

function found(more: Partial<Findings> = {}): Findings {
  return {
    origin: { kind: "engine", socket: "/s", title: "Docker 27" },
    containers: [
      container("web", { volumes: new Map([["/data", "shop_data"], ["/cache", "anon1"]]) }),
      container("api", { volumes: new Map([["/var/api", "anon2"]]) }),
    ],
    volumes: new Map([
      ["shop_data", {
        name: "shop_data",
        folder: "/v/shop_data",
        unusual: null,
        bytes: 1000,
        files: 3,
      }],
      ["anon1", { name: "anon1", folder: "/v/anon1", unusual: null, bytes: 24, files: 2 }],
    ]),
    images: new Map([[ID, { id: ID, sizeBytes: 5000 }]]),
    taken: new Set(),
    here: new Set(),
    archiveBytes: 0,
    space: SPACE,
    running: [],
    ...more,
  };
}

Deno.test("volumes with and without a name go to where an apply looks for them", () => {
  const plan = planAdoption(SHOP, found(), HOME);
  assert.deepEqual(plan.faults, []);
  assert.deepEqual(plan.volumes.map((each) => [each.from, each.to.replace(/[0-9a-f]{12}$/, "H")]), [
    ["shop_data", "skerry-shop.data"],
    ["anon1", "skerry-shop.web.H"],
  ]);
  assert.match(plan.remarks.join("\n"), /api keeps data at "\/var\/api" in a volume that the file/);
  assert.equal(plan.neededBytes, 1000 + 24 + 5000, "an image of two services counts once");
});

Deno.test("each service goes on with the image that its container runs, also one that was built", () => {
  const plan = planAdoption(SHOP, found(), HOME);
  assert.deepEqual(plan.images.map((each) => [each.service, each.reference, each.id]), [
    ["api", "shop-api", ID],
    ["web", "nginx:1", ID],
  ]);
});

Deno.test("a file that was edited since holds, where its image is there", () => {
  const containers = [container("web", { image: { reference: "nginx:0", id: ID } })];
  const there = found({ containers, images: new Map([["nginx:1", { id: OTHER, sizeBytes: 1 }]]) });
  const plan = planAdoption(SHOP, there, HOME);
  assert.equal(plan.images.find((each) => each.service === "web")?.id, OTHER);
  assert.match(plan.remarks.join("\n"), /web runs "nginx:0", the file says "nginx:1"/);
});

for (
  const [what, more, pattern] of [
    ["runs here already", { running: ["web"] }, /Skerry runs web of "shop" already/],
    ["no container", { containers: [] }, /has no container of the services api, web/],
    ["--rm", { containers: [container("web", { autoRemove: true })] }, /removes itself/],
    ["a volume that would be mixed", { taken: new Set(["skerry-shop.data"]) }, /would be mixed/],
    [
      "a volume of NFS",
      {
        volumes: new Map([[
          "shop_data",
          {
            name: "shop_data",
            folder: "/v",
            unusual: "it has the driver options o",
            bytes: 1,
            files: 1,
          },
        ]]),
      },
      /no plain folder/,
    ],
    [
      "a folder that is not here",
      {
        volumes: new Map([[
          "shop_data",
          { name: "shop_data", folder: "/v", unusual: null, bytes: null, files: 0 },
        ]]),
      },
      /cannot be read from here/,
    ],
  ] as const
) {
  Deno.test(`refused with the way out: ${what}`, () => {
    assert.match(planAdoption(SHOP, found(more), HOME).faults.join("\n"), pattern);
  });
}

Deno.test("without room for the copies, the archive beside them and what runs, it is refused", () => {
  const lacking = (more: Partial<Findings>) => {
    const plan = planAdoption(SHOP, found(more), HOME);
    assert.deepEqual(plan.faults, []);
    return plan.lacking;
  };
  const volumes = (bytes: number, files = 1) =>
    new Map([
      ["shop_data", { name: "shop_data", folder: "/v/shop_data", unusual: null, bytes, files }],
    ]);
  const image = (sizeBytes: number) => new Map([[ID, { id: ID, sizeBytes }]]);
  // A gigabyte stays with those that run; a loaded image lies there twice for a while.
  const fits = { volumes: volumes(48 * GB), images: image(20 * GB) };
  assert.equal(lacking(fits), null);
  assert.equal(planAdoption(SHOP, found(fits), HOME).neededBytes, 68 * GB);
  const refused = lacking({ ...fits, volumes: volumes(50 * GB) });
  assert.equal(refused?.code, "disk_nearly_full");
  assert.match(
    refused.message,
    /^adopting "shop" is refused, nothing was changed: the disk of "\/home" is \d+ % full, .*it needs/,
  );
  assert.equal(lacking({ ...fits, volumes: volumes(50 * GB), here: new Set([ID]) }), null);
  assert.equal(lacking({ volumes: volumes(1, 89_500) })?.code, "disk_nearly_full");
  const unknown = { volumes: volumes(1), images: new Map([[ID, { id: ID, sizeBytes: null }]]) };
  assert.equal(lacking({ ...unknown, archiveBytes: 46 * GB })?.code, "disk_nearly_full");
  assert.equal(lacking({ ...fits, volumes: volumes(50 * GB), space: null }), null);
});

Deno.test("the newest is stopped first, strangers are left alone", () => {
  const stranger = container("old-thing", { name: "shop-old-thing-1" });
  const all = found();
  const plan = planAdoption(SHOP, { ...all, containers: [...all.containers, stranger] }, HOME);
  assert.deepEqual(plan.stop.map((each) => each.service), ["api", "web"]);
  assert.match(plan.remarks.join("\n"), /"shop-old-thing-1" .* is not in the file/);
});

Deno.test("sockets: --from, then DOCKER_HOST, then Docker's and Podman's", () => {
  assert.deepEqual(socketsToTry("unix:///a", { DOCKER_HOST: "unix:///b" }), ["/a"]);
  assert.deepEqual(socketsToTry(undefined, { DOCKER_HOST: "unix:///b" }), ["/b"]);
  assert.equal(socketsToTry(undefined, {}).length, 2);
  assert.throws(() => socketsToTry(undefined, { DOCKER_HOST: "tcp://h:2375" }), /elsewhere/);
});

Deno.test("archives of old and of new Dockers name their images alike", () => {
  for (const Config of [`${ID}.json`, `blobs/sha256/${ID}`]) {
    const text = JSON.stringify([{ Config, RepoTags: ["shop-api:latest"], Layers: [] }]);
    assert.equal(imagesOfManifest(text).get("shop-api")?.id, ID);
  }
  assert.throws(() => imagesOfManifest(JSON.stringify([{ Config: "x.json" }])), /names no image/);
});

Deno.test("sizes as people read them", () => {
  assert.deepEqual([0, 999, 1000, 1.25e9].map(sizeText), ["0 B", "999 B", "1.0 kB", "1.3 GB"]);
});
