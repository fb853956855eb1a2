import assert from "node:assert/strict";
import { ListedContainer } from "./answers.ts";
import { halfRemoved } from "./container_list.ts";

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
