/**
 * Bodies at a whole control plane in memory: whatever comes, the answer is of the shape that the
 * operation describes or a problem that is not ours, and what a node is told after it can be read.
 */
import { ok } from "node:assert/strict";
import type { z } from "zod";
import { API_ORIGIN } from "../../shared/api/client.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { Problem } from "../../shared/api/problem.ts";
import type { FuzzTarget } from "../../shared/testing/fuzz_target.ts";
import { SkerryError } from "../../shared/errors.ts";
import { problemOf, readJson } from "../api/route.ts";
import type { Fate } from "./fake_agent.ts";
import { createHarness, type Harness } from "./harness.ts";
import { testModel, testRequest, testService } from "./models.ts";

/** Releases after which a fresh control plane is made, so that the last input costs what the first did. */
const RELEASES = 200;
/** One release in so many is carried out: a node is not always faster than the next change. */
const SETTLED = 8;

/** Most run. */
const FATES: readonly Fate[] = [
  ...Array.from({ length: 12 }, (): Fate => "runs"),
  "fails",
  "starts",
  "completes",
];

const WAYS = {
  plan: { endpoint: ENDPOINTS.plan, path: "/api/v1/projects/shop/plan" },
  release: { endpoint: ENDPOINTS.createRelease, path: "/api/v1/projects/shop/releases" },
  enroll: { endpoint: ENDPOINTS.enroll, path: "/api/v1/agent/enroll" },
  status: { endpoint: ENDPOINTS.status, path: "/api/v1/agent/status" },
} as const;
type Way = keyof typeof WAYS;

const isWay = (text: string): text is Way => Object.hasOwn(WAYS, text);

async function answered(
  harness: Harness,
  way: Way,
  signed: boolean,
  body: string,
): Promise<Response> {
  const { path } = WAYS[way];
  const init = { method: "POST", headers: { "content-type": "application/json" }, body };
  return signed
    ? await harness.agent.request(path, init)
    : await harness.app.fetch(new Request(`${API_ORIGIN}${path}`, init), {
      kind: "root",
      via: "socket",
    });
}

/** Whether the body is what the operation takes; what it is refused with is a problem of the caller. */
async function isTaken(way: Way, body: string): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  const request = new Request(API_ORIGIN, { method: "POST", headers, body });
  try {
    const described: { json: z.ZodType; limitBytes: number } = WAYS[way].endpoint.body;
    await readJson(request, described);
    return true;
  } catch (thrown) {
    ok(thrown instanceof SkerryError, `it threw ${thrown}`);
    const { status } = Problem.parse(problemOf(thrown));
    ok(status >= 400 && status < 500, `status ${status}: ${thrown.message}`);
    return false;
  }
}

/** The way of a request that was carried out; null: it was refused. */
async function check(harness: Harness, input: string): Promise<Way | null> {
  const cut = input.indexOf("\n");
  const [word = "", sign = ""] = input.slice(0, cut).split(" ");
  const way = isWay(word) ? word : "plan";
  const body = input.slice(cut + 1);
  if (!await isTaken(way, body)) return null;
  const response = await answered(harness, way, sign === "signed", body);
  const text = await response.text();
  if (response.ok) {
    const { endpoint } = WAYS[way];
    ok(response.status === endpoint.answer.status, `status ${response.status}`);
    endpoint.answer.json.parse(JSON.parse(text));
    return way;
  }
  ok(response.status >= 400 && response.status < 500, `status ${response.status}: ${text}`);
  const problem = Problem.parse(JSON.parse(text));
  ok(problem.status === response.status, "the problem's status is another");
  return null;
}

/**
 * The node carries a release out and says so, as it would: else what is replaced is never retired,
 * and each input finds more than the one before it. One service in five does not go well.
 */
async function carriedOut(harness: Harness, luck: number): Promise<void> {
  const { agent, clock } = harness;
  await agent.fetch();
  agent.fates.clear();
  agent.deployments().forEach(({ serviceName }, index) => {
    const fate = FATES[(luck + index) % FATES.length];
    if (fate !== undefined) agent.fates.set(serviceName, fate);
  });
  await agent.settle();
  // Addresses are given out again after a while.
  clock.advance(3_600_000);
}

const shop = testModel("shop", {
  web: testService({
    environment: { A: "1", B: null },
    labels: { a: "b" },
    ports: [{ mode: "ingress", target: 80, published: "8080", protocol: "tcp" }],
    volumes: [{ type: "volume", source: "data", target: "/data" }],
    depends_on: { db: { condition: "service_healthy", required: true } },
    healthcheck: { test: ["CMD", "true"], interval: "10s" },
    ulimits: { nofile: { soft: 1, hard: 2 } },
    deploy: { replicas: 1 },
  }),
  db: testService({ restart: "no", command: ["a", "b"] }),
}, { volumes: { data: { name: "shop_data" } } });

const report = (harness: string) => ({
  node: harness,
  bootId: "boot",
  sequence: 1,
  at: 1,
  agent: { version: "test", features: [] },
  epoch: null,
  revision: null,
  state: "idle",
  verdicts: [],
  deployments: [],
  routes: [],
  volumes: [],
  images: [],
  addresses: ["10.210.0.9"],
  ingress: null,
});

const KEY = "A".repeat(43) + "=";
const CORPUS: readonly string[] = [
  `plan\n${JSON.stringify(testRequest(shop))}`,
  `release\n${JSON.stringify(testRequest(shop))}`,
  `release\n${JSON.stringify(testRequest(testModel("shop", { db: testService() })))}`,
  `release\n{"parts":{},"purge":"shop"}`,
  `release\n{"parent":null,"parts":{},"pull":true,"secretValues":{"a":"YQ=="}}`,
  `enroll signed\n${
    JSON.stringify({
      token: "a".repeat(32),
      name: "box",
      keys: { sign: KEY, seal: KEY, wg: KEY },
      agent: { version: "1", features: ["a"] },
      addresses: ["10.0.0.1"],
    })
  }`,
  `status signed\n${JSON.stringify(report("nod_aaaaaaaaaaaaaaaaaaaaaaaaaa"))}`,
];
const MODEL_KEYS = Object.keys(shop.services["web"] ?? {});

/** An input is `WAY` or `WAY signed` on its first line, and then the body. */
export const API_TARGET: FuzzTarget = {
  name: "api",
  short: 3000,
  alphabet: 65_536,
  tokens: [
    ...Object.keys(WAYS),
    ...MODEL_KEYS,
    " signed",
    "null",
    "true",
    "{}",
    "[]",
    '""',
    '"a"',
    "-1",
    "1e999",
    "1.5",
    "9007199254740993",
    "99999",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "\\u0000",
    "\\ud800",
    "__proto__",
    "constructor",
    '"network_mode":"host",',
    '"x-skerry":{"routes":[{"host":"a.example","path":"/","port":80}]},',
    '"restart":"on-failure:3",',
    '"scale":3,',
    '"privileged":true,',
    '"secrets":[{"source":"a","target":"/run/secrets/a"}],',
    '"read_only":true,',
    '"user":"0:0",',
    "/../",
    "255.255.255.255",
    "..",
  ],
  corpus: CORPUS,
  async start() {
    let harness = await createHarness();
    let releases = 0;
    return {
      async check(input) {
        if (releases >= RELEASES) {
          await harness[Symbol.asyncDispose]();
          harness = await createHarness();
          releases = 0;
        }
        // Its own id, so that a report is not refused as another's before it is looked at.
        const own = input.replaceAll("nod_aaaaaaaaaaaaaaaaaaaaaaaaaa", harness.agent.node);
        const taken = await check(harness, own);
        if (taken === "release") {
          releases++;
          if (releases % SETTLED === 0) await carriedOut(harness, input.length);
          else await harness.agent.fetch();
        }
        return taken !== null;
      },
      [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
    };
  },
};
