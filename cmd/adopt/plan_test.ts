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
      ["shop_data", { name: "shop_data", folder: "/v/shop_data", unusual: null, bytes: 1000 }],
      ["anon1", { name: "anon1", folder: "/v/anon1", unusual: null, bytes: 24 }],
    ]),
    images: new Map([[ID, { id: ID, sizeBytes: 5000 }]]),
    taken: new Set(),
    here: new Set(),
    freeBytes: 1e12,
    running: [],
    ...more,
  };
}

Deno.test("volumes with and without a name go to where an apply looks for them", () => {
  const plan = planAdoption(SHOP, found(), "skerry");
  assert.deepEqual(plan.faults, []);
  assert.deepEqual(plan.volumes.map((each) => [each.from, each.to.replace(/[0-9a-f]{12}$/, "H")]), [
    ["shop_data", "skerry-shop.data"],
    ["anon1", "skerry-shop.web.H"],
  ]);
  assert.match(plan.remarks.join("\n"), /api keeps data at "\/var\/api" in a volume that the file/);
  assert.equal(plan.neededBytes, 1000 + 24 + 5000, "an image of two services counts once");
});

Deno.test("each service goes on with the image that its container runs, also one that was built", () => {
  const plan = planAdoption(SHOP, found(), "skerry");
  assert.deepEqual(plan.images.map((each) => [each.service, each.reference, each.id]), [
    ["api", "shop-api", ID],
    ["web", "nginx:1", ID],
  ]);
});

Deno.test("a file that was edited since holds, where its image is there", () => {
  const containers = [container("web", { image: { reference: "nginx:0", id: ID } })];
  const there = found({ containers, images: new Map([["nginx:1", { id: OTHER, sizeBytes: 1 }]]) });
  const plan = planAdoption(SHOP, there, "skerry");
  assert.equal(plan.images.find((each) => each.service === "web")?.id, OTHER);
  assert.match(plan.remarks.join("\n"), /web runs "nginx:0", the file says "nginx:1"/);
});

for (
  const [what, more, pattern] of [
    ["runs here already", { running: ["web"] }, /Skerry runs web of "shop" already/],
    ["no container", { containers: [] }, /has no container of the services api, web/],
    ["--rm", { containers: [container("web", { autoRemove: true })] }, /removes itself/],
    ["a volume that would be mixed", { taken: new Set(["skerry-shop.data"]) }, /would be mixed/],
    ["a full disk", { freeBytes: 6000 }, /6\.0 kB are to be copied and 6\.0 kB are free/],
    [
      "a volume of NFS",
      {
        volumes: new Map([[
          "shop_data",
          { name: "shop_data", folder: "/v", unusual: "it has the driver options o", bytes: 1 },
        ]]),
      },
      /no plain folder/,
    ],
    [
      "a folder that is not here",
      {
        volumes: new Map([[
          "shop_data",
          { name: "shop_data", folder: "/v", unusual: null, bytes: null },
        ]]),
      },
      /cannot be read from here/,
    ],
  ] as const
) {
  Deno.test(`refused with the way out: ${what}`, () => {
    assert.match(planAdoption(SHOP, found(more), "skerry").faults.join("\n"), pattern);
  });
}

Deno.test("the newest is stopped first, strangers are left alone", () => {
  const stranger = container("old-thing", { name: "shop-old-thing-1" });
  const all = found();
  const plan = planAdoption(SHOP, { ...all, containers: [...all.containers, stranger] }, "skerry");
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
