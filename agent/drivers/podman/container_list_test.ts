import assert from "node:assert/strict";
import { ListedContainer } from "./answers.ts";
import { damaged, halfRemoved } from "./container_list.ts";

Deno.test("a container whose removal was cut short is dead, and known by its labels", () => {
  // As Podman 4.3.1 lists one after its service was killed in the middle of a removal.
  const listed = ListedContainer.parse({
    Id: "4".repeat(64),
    Names: ["skerry-shop.db.1-x7yc6j"],
    State: "removing",
    Pid: 0,
    ExitCode: 143,
    ExitedAt: 1795223658,
    StartedAt: 1795223647,
    ImageID: "2".repeat(64),
    Labels: { "skerry.container.address": "10.200.9.9", "skerry.project.name": "shop" },
  });
  const seen = halfRemoved(listed);
  assert.equal(seen.state, "dead");
  assert.equal(seen.labels["skerry.project.name"], "shop");
  assert.equal(seen.address, "10.200.9.9");
});

Deno.test("a damaged one that runs goes on; one that does not is dead, and says why", () => {
  const listed = (State: string, Pid: number) =>
    ListedContainer.parse({
      Id: "4".repeat(64),
      Names: ["skerry-shop.db.1-x7yc6j"],
      State,
      Pid,
      ExitCode: 0,
      ExitedAt: 1795223658,
      StartedAt: 1795223647,
      ImageID: "2".repeat(64),
      Labels: {},
    });
  const runs = damaged(listed("running", 77), "why");
  assert.deepEqual([runs.state, runs.pid, runs.startedAt], ["running", 77, 1795223647000]);
  for (const state of ["created", "configured", "exited", "stopped"]) {
    const seen = damaged(listed(state, 0), "why");
    assert.deepEqual([seen.state, seen.pid, seen.startedAt, seen.damage], [
      "dead",
      null,
      null,
      "why",
    ]);
  }
});
