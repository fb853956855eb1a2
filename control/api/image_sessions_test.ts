import assert from "node:assert/strict";
import { ApiError } from "../../shared/api/problem.ts";
import type { VerifiedImage } from "../../shared/api/images.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { createPerson } from "../testing/people.ts";

async function verified(h: Pick<Harness, "api">, project: string | null = null) {
  const lines: string[] = [];
  let items: readonly VerifiedImage[] = [];
  for await (const event of h.api.verifyImages(project)) {
    if (event.type === "progress") lines.push(event.line);
    else items = event.items;
  }
  return { lines, items };
}

async function apply(h: Harness, project: string, images: Readonly<Record<string, string>>) {
  const services = Object.fromEntries(
    Object.entries(images).map(([name, image]) => [name, testService({ image })]),
  );
  await h.api.createRelease(project, testRequest(testModel(project, services)));
  await h.agent.settle();
}

Deno.test("what runs and what one goes back to is verified, each image once", async () => {
  await using h = await createHarness();
  await apply(h, "shop", { web: "r.lan/web:1", db: "r.lan/db:1" });
  await apply(h, "shop", { web: "r.lan/web:2", db: "r.lan/db:1" });
  await apply(h, "lab", { db: "r.lan/db:1" });
  const { lines, items } = await verified(h);
  assert.deepEqual(
    items.map(({ reference, neededBy, neededFor, state }) =>
      [reference, neededBy.join(), neededFor, state].join(" ")
    ),
    [
      "r.lan/db:1 lab/db,shop/db running whole",
      "r.lan/web:1 shop/web previous whole",
      "r.lan/web:2 shop/web running whole",
    ],
  );
  assert.deepEqual(lines, items.map(({ reference }) => reference));
  assert.deepEqual((await verified(h, "lab")).lines, ["r.lan/db:1"]);
});

Deno.test("what is damaged or absent is told with its way out", async () => {
  await using h = await createHarness();
  await apply(h, "shop", { web: "r.lan/web:1" });
  await apply(h, "lab", { db: "r.lan/db:1" });
  const problems = ['layer abc: "bin/x" is gone'];
  h.link.checks.set("r.lan/web:1", {
    state: "damaged",
    id: null,
    problems,
    sharedBy: ["r.lan/web:1", "r.lan/db:1"],
    readBytes: 7,
  });
  h.link.checks.set("r.lan/db:1", {
    state: "absent",
    id: null,
    problems: ["it is not on the node"],
    sharedBy: [],
    readBytes: 0,
  });
  const { items: [web] } = await verified(h, "shop");
  assert.deepEqual([web?.state, web?.problems, web?.readBytes], ["damaged", problems, 7]);
  // The other project runs from what is damaged too.
  assert.match(web?.remedy ?? "", /-p lab, skerry delete --wait -p shop /);
  const shop = ProjectName.parse("shop");
  const { api } = await createPerson(h, "vera", [{ role: "viewer", project: shop }]);
  const { items: [seen] } = await verified({ api }, "shop");
  assert.match(seen?.remedy ?? "", /images that are not yours to see share what is damaged/);
  const { api: both } = await createPerson(h, "bo", [
    { role: "viewer", project: shop },
    { role: "viewer", project: ProjectName.parse("lab") },
  ]);
  const { items: [own] } = await verified({ api: both }, "shop");
  assert.match(own?.remedy ?? "", /then skerry image rm r\.lan\/web:1 r\.lan\/db:1, then/);
  const { items: [db] } = await verified(h, "lab");
  assert.match(db?.remedy ?? "", /^skerry image pull r\.lan\/db@sha256:/);
});

Deno.test("a project that is nobody's, and a node that says no, are told", async () => {
  await using h = await createHarness();
  const { items } = await verified(h);
  assert.deepEqual(items, []);
  await assert.rejects(verified(h, "nobody"), (thrown) => {
    assert.ok(thrown instanceof ApiError);
    assert.match(thrown.message, /no release of a project "nobody"/);
    return true;
  });
});

Deno.test("a push tells how far it is and what the registry has, and is written down", async () => {
  await using h = await createHarness();
  const events = [];
  for await (const event of h.api.pushImage("localhost/a:1", "r.lan/a:2")) events.push(event);
  assert.deepEqual(events[0], { type: "progress", line: "sent localhost/a:1" });
  const done = events[1];
  assert.ok(done?.type === "done");
  assert.equal(done.reference, "r.lan/a:2");
  const [change] = await h.api.changes();
  assert.deepEqual([change?.action, change?.subject], ["image.push", "r.lan/a:2"]);
});
