import assert from "node:assert/strict";
import {
  DeploymentId,
  NodeId,
  ProjectId,
  ReleaseId,
  RevisionId,
  ServiceId,
} from "../../shared/model/ids.ts";
import type { DeploymentReport, Stage } from "../../shared/model/report.ts";
import type { DeploymentRow } from "../store/deployments.ts";
import { decideWanted, slotNow } from "./slots.ts";

const id = (kind: string, letter: string) => `${kind}_${letter.repeat(26)}`;

function row(letter: string, want: DeploymentRow["want"], createdAt: number): DeploymentRow {
  return {
    id: DeploymentId.parse(id("dep", letter)),
    projectId: ProjectId.parse(id("prj", "a")),
    serviceId: ServiceId.parse(id("svc", "a")),
    slot: 1,
    revisionId: RevisionId.parse(id("rev", letter)),
    nodeId: NodeId.parse(id("nod", "a")),
    releaseId: ReleaseId.parse(id("rel", "a")),
    kind: "service",
    want,
    replaces: null,
    order: "beside",
    orderReason: null,
    containerName: letter,
    createdAt,
    goneAt: null,
  };
}

function seen(each: DeploymentRow, stage: Stage, container = true): DeploymentReport {
  return {
    id: each.id,
    stage,
    reason: null,
    health: "none",
    container: container
      ? { id: "c", state: "running", exitCode: null, startedAt: 1, finishedAt: null }
      : null,
    restarts: 0,
    pull: null,
  };
}

const old = row("a", "retire", 1);
const run = row("b", "run", 2);

/** [what is told, stage of the one to run, is the old one still there, revision wanted] → [kind, wants] */
const CASES: readonly [
  string,
  { run: Stage; old: boolean; wanted: "a" | "b" | "c" },
  string,
  Record<string, string>,
][] = [
  [
    "the same again while it comes up",
    { run: "starting", old: true, wanted: "b" },
    "unchanged",
    {},
  ],
  [
    "a third before the second served",
    { run: "starting", old: true, wanted: "c" },
    "replaced a",
    { b: "absent" },
  ],
  [
    "back to the first before the second served",
    { run: "starting", old: true, wanted: "a" },
    "unchanged",
    { b: "absent", a: "run" },
  ],
  [
    "back to the first, whose container has stopped already",
    { run: "starting", old: false, wanted: "a" },
    "replaced a",
    { b: "absent" },
  ],
  [
    "a third once the second served",
    { run: "stopping_old", old: true, wanted: "c" },
    "replaced b",
    { a: "absent", b: "retire" },
  ],
  ["the same again after it failed", { run: "failed", old: true, wanted: "b" }, "replaced a", {
    b: "absent",
  }],
];

for (const [name, given, kind, wants] of CASES) {
  Deno.test(`a slot: ${name}`, () => {
    const reports = new Map([[run.id, seen(run, given.run)], [
      old.id,
      seen(old, given.old ? "running" : "stopped", given.old),
    ]]);
    const decided = decideWanted(
      slotNow([old, run]),
      (each) => each.containerName === given.wanted,
      (each) => reports.get(each.id),
    );
    const replaced = decided.kind === "replaced" ? ` ${decided.old.containerName}` : "";
    assert.equal(decided.kind + replaced, kind);
    assert.deepEqual(
      Object.fromEntries(decided.wants.map((each) => [each.deployment.containerName, each.want])),
      wants,
    );
  });
}
