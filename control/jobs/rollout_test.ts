import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DeploymentId,
  NodeId,
  ProjectId,
  ReleaseId,
  RevisionId,
  ServiceId,
} from "../../shared/model/ids.ts";
import { type Stage, STAGES } from "../../shared/model/report.ts";
import type { DeploymentRow } from "../store/deployments.ts";
import { type RollingSlot, stepRollout } from "./rollout.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const id = (kind: string, index: number) => `${kind}_${(LETTERS[index] ?? "a").repeat(26)}`;

interface Given {
  /** Null: not reported yet. */
  readonly stage: Stage | null;
  readonly kind?: "service" | "job";
  /** Absent: it replaces nothing. */
  readonly old?: { readonly stage: Stage; readonly container: boolean };
  readonly removed?: "going" | "gone";
  readonly unchanged?: true;
}

function slotOf(given: Given, index: number): RollingSlot {
  const row = (letter: number, want: DeploymentRow["want"]): DeploymentRow => ({
    id: DeploymentId.parse(id("dep", letter)),
    projectId: ProjectId.parse(id("prj", 0)),
    serviceId: ServiceId.parse(id("svc", index)),
    slot: 1,
    revisionId: RevisionId.parse(id("rev", letter)),
    nodeId: NodeId.parse(id("nod", 0)),
    releaseId: ReleaseId.parse(id("rel", 0)),
    kind: given.kind ?? "service",
    want,
    replaces: null,
    order: "beside",
    orderReason: null,
    containerName: "c",
    createdAt: 1,
    goneAt: given.removed === "gone" ? 1 : null,
  });
  const report = (deployment: DeploymentRow, stage: Stage, container: boolean) => ({
    id: deployment.id,
    stage,
    reason: { code: "why", message: "it says why" },
    health: "none" as const,
    container: container
      ? { id: "c", state: "running", exitCode: null, startedAt: 1, finishedAt: null }
      : null,
    restarts: 0,
    pull: null,
  });
  const deployment = row(index, given.removed === undefined ? "run" : "absent");
  const old = given.old === undefined ? null : row(index + 13, "retire");
  return {
    row: {
      releaseId: deployment.releaseId,
      serviceId: deployment.serviceId,
      slot: 1,
      deploymentId: deployment.id,
      oldId: old?.id ?? null,
      change: given.removed !== undefined
        ? "removed"
        : given.unchanged === true
        ? "unchanged"
        : old === null
        ? "created"
        : "replaced",
      state: "rolling",
      routesBefore: [],
      reason: null,
    },
    serviceName: `s${index}`,
    deployment,
    old,
    seen: given.stage === null ? null : report(deployment, given.stage, true),
    oldSeen: old === null || given.old === undefined
      ? null
      : report(old, given.old.stage, given.old.container),
  };
}

const serving = { stage: "running", container: true } as const;
const gone = { stage: "stopped", container: false } as const;

/** [what is told, slots, states of slots that end, state of the release that ends, wants] */
const CASES: readonly [string, readonly Given[], string[], string | null, string[]][] = [
  ["nothing is reported", [{ stage: null }], [], null, []],
  ["it runs and replaces nothing", [{ stage: "running" }], ["done"], "done", []],
  ["it runs beside the old one", [{ stage: "running", old: serving }], [], null, []],
  ["the old one is gone", [{ stage: "running", old: gone }], ["done"], "done", ["absent"]],
  ["a job runs", [{ stage: "running", kind: "job" }], [], null, []],
  ["a job completed", [{ stage: "completed", kind: "job" }], ["done"], "done", []],
  ["a job failed", [{ stage: "failed", kind: "job" }], ["failed"], "failed", []],
  ["a first one failed", [{ stage: "failed" }], ["failed"], "failed", []],
  [
    "a replacement failed",
    [{ stage: "failed", old: serving }],
    ["rolled_back"],
    "rolled_back",
    ["absent", "run"],
  ],
  [
    "a job failed while a replacement is on its way",
    [{ stage: "failed", kind: "job" }, { stage: "starting", old: serving }],
    ["failed", "rolled_back"],
    "rolled_back",
    ["absent", "run"],
  ],
  [
    "what did not change waits for what does, which it may follow",
    [{ stage: "running", unchanged: true }, { stage: "running", old: serving }],
    [],
    null,
    [],
  ],
  [
    "what did not change is well again after what did",
    [{ stage: "running", unchanged: true }, { stage: "running", old: gone }],
    ["done", "done"],
    "done",
    ["absent"],
  ],
  ["a removed one goes", [{ stage: "running", removed: "going" }], [], null, []],
  ["a removed one is gone", [{ stage: "stopped", removed: "gone" }], ["done"], "done", []],
];

for (const [name, given, states, end, wants] of CASES) {
  Deno.test(`a rollout step: ${name}`, () => {
    const step = stepRollout(given.map(slotOf));
    assert.deepEqual(step.slots.map((each) => each.state), states);
    assert.equal(step.end?.state ?? null, end);
    assert.deepEqual(step.wants.map((each) => each.want), wants);
  });
}

Deno.test("any slots: an end leaves none rolling, and never takes away what serves", () => {
  const old = fc.option(fc.constantFrom(serving, gone), { nil: undefined });
  const given = fc.record({
    stage: fc.option(fc.constantFrom(...STAGES)),
    kind: fc.constantFrom("service" as const, "job" as const),
    old,
  }).map(({ old: before, ...rest }): Given =>
    before === undefined ? rest : { ...rest, old: before }
  );
  fc.assert(fc.property(fc.array(given, { minLength: 1, maxLength: 6 }), (all) => {
    const slots = all.map(slotOf);
    const step = stepRollout(slots);
    if (step.end !== null) assert.equal(step.slots.length, slots.length);
    for (const slot of slots) {
      if (slot.old === null) continue;
      const oldWant = step.wants.find((each) => each.id === slot.old?.id)?.want;
      const newWant = step.wants.find((each) => each.id === slot.deployment.id)?.want;
      assert.ok(!(oldWant === "absent" && newWant === "absent"), "both taken away");
      if (newWant === "absent") assert.equal(oldWant, "run");
    }
  }));
});
