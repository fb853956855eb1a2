import assert from "node:assert/strict";
import fc from "fast-check";
import { ApiError } from "../../shared/api/problem.ts";
import type { Fate } from "../testing/fake_agent.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

interface WantedService {
  readonly name: string;
  readonly version: number;
  readonly replicas: number;
  readonly volume: boolean;
  readonly job: boolean;
}
type Action =
  | { readonly kind: "apply"; readonly project: string; readonly services: WantedService[] }
  | { readonly kind: "delete"; readonly project: string }
  | { readonly kind: "fetch" }
  | { readonly kind: "report" }
  | { readonly kind: "fate"; readonly service: string; readonly fate: Fate }
  | { readonly kind: "pass"; readonly ms: number };

const names = ["web", "db", "job"];
const service = fc.record({
  name: fc.constantFrom(...names),
  version: fc.integer({ min: 1, max: 3 }),
  replicas: fc.integer({ min: 0, max: 3 }),
  volume: fc.boolean(),
  job: fc.boolean(),
});
const project = fc.constantFrom("one", "two");
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("apply" as const),
      project,
      services: fc.uniqueArray(service, { selector: (each) => each.name, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), project }) },
  { weight: 4, arbitrary: fc.constant({ kind: "fetch" as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: "report" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("fate" as const),
      service: fc.constantFrom(...names),
      fate: fc.constantFrom<Fate>("runs", "starts", "fails", "completes"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(1, 20_000) }),
  },
);

function requestOf(name: string, services: readonly WantedService[]) {
  const made = services.map((each) =>
    [
      each.name,
      testService({
        image: `${each.name}:${each.version}`,
        deploy: { replicas: each.replicas },
        ...(each.job ? { restart: "no" } : {}),
        ...(each.volume
          ? { volumes: [{ type: "volume", source: "data", target: "/data" }] as const }
          : {}),
      }),
    ] as const
  );
  return testRequest(testModel(
    name,
    Object.fromEntries(made.map(([key, value]) => [key, {
      ...value,
      ...(value.volumes === undefined ? {} : { volumes: [...value.volumes] }),
    }])),
    { volumes: { data: { name: `${name}_data` } } },
  ));
}

async function act(h: Harness, action: Action): Promise<void> {
  try {
    switch (action.kind) {
      case "apply":
        await h.api.createRelease(action.project, requestOf(action.project, action.services));
        break;
      case "delete":
        await h.api.createRelease(action.project, { parts: {} });
        break;
      case "fetch":
        await h.agent.fetch();
        break;
      case "report":
        await h.agent.report();
        break;
      case "fate":
        h.agent.fates.set(action.service, action.fate);
        break;
      case "pass":
        h.clock.advance(action.ms);
    }
  } catch (thrown) {
    // Deleting what is not there, or no address that is free yet, are answers.
    if (!(thrown instanceof ApiError) || thrown.status >= 500) throw thrown;
  }
}

async function check(h: Harness, volumes: Map<string, string>): Promise<void> {
  const containers = await h.api.containers();
  const slots = containers.filter((each) => each.want === "run")
    .map((each) => `${each.project}/${each.service}/${each.slot}`);
  assert.equal(new Set(slots).size, slots.length, "a slot has two that run");
  const addresses = containers.flatMap((each) => each.addresses);
  assert.equal(new Set(addresses).size, addresses.length, "an address is held twice");
  const stored = await h.api.changes();
  assert.ok(!stored.some((each) => each.summary.includes("undefined")));
  for (const volume of await h.api.volumes()) {
    const key = `${volume.project}/${volume.name}`;
    assert.equal(volumes.get(key) ?? volume.id, volume.id, "a volume became another");
    volumes.set(key, volume.id);
  }
}

function sorted(texts: readonly string[], what: string): void {
  assert.deepEqual(texts, [...texts].sort(), what);
  assert.equal(new Set(texts).size, texts.length, what);
}

Deno.test("any releases, reports and failures: one that runs a slot, addresses and volumes keep", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 14 }), async (actions) => {
      await using h = await createHarness();
      const volumes = new Map<string, string>();
      for (const each of actions) {
        await act(h, each);
        await check(h, volumes);
      }
      // Whatever happened, it comes to rest when everything runs.
      for (const name of names) h.agent.fates.set(name, "runs");
      h.clock.advance(60_000);
      await act(h, {
        kind: "apply",
        project: "one",
        services: [{ name: "web", version: 9, replicas: 2, volume: true, job: false }],
      });
      await h.agent.settle();
      const web = h.agent.deployments().filter((each) => each.image.reference === "web:9");
      assert.deepEqual(web.map((each) => [each.slot, each.want]).sort(), [[1, "run"], [2, "run"]]);
      const [one] = (await h.api.projects()).filter((each) => each.name === "one");
      assert.equal(one?.releaseState, "done");
      // The sections are valid by schema (the agent parsed them), and sorted.
      sorted(h.agent.manifest().sections.map((each) => each.section), "sections");
      for (const section of h.agent.sections()) {
        switch (section.capability) {
          case "containers":
            sorted(section.deployments.map((each) => each.id), "deployments");
            break;
          case "volumes":
            sorted(section.volumes.map((each) => each.id), "volumes");
            break;
          case "names":
            sorted(section.services.map((each) => each.service), "names");
            break;
          case "firewall":
            sorted(section.members.map((each) => each.deployment), "members");
            break;
          case "routes":
          case "secrets":
          case "node":
            break;
        }
      }
    }),
    { numRuns: 40 },
  );
});
