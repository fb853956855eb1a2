import assert from "node:assert/strict";
import { createApiClient } from "../../shared/api/client.ts";
import { SkerryError } from "../../shared/errors.ts";
import { createCli } from "../cli.ts";
import { createFakeControl, RELEASE, viewOf } from "../fake_control.ts";
import { createFakeHost } from "../fake_host.ts";
import { followRelease, reportEnd } from "./follow.ts";

Deno.test("a control plane that restarts in the middle is waited for", async () => {
  const answers = [
    () => createFakeControl({}, [viewOf("rolling", "pulling")]),
    null,
    null,
    () => createFakeControl({}, [viewOf("rolling", "starting"), viewOf("done", "running")]),
  ];
  const host = createFakeHost();
  const api = createApiClient((request) => {
    const answer = answers.shift();
    if (answer === undefined) throw new Error("asked after the end");
    if (answer === null) throw new SkerryError("control_unreachable", "gone");
    return answer().transport(request);
  });
  const end = await followRelease(createCli(host, () => undefined), api, RELEASE);
  assert.equal(end?.state, "done");
  assert.equal(host.said(), "web/1 pulling\nweb/1 starting\nweb/1 running\n");
});

Deno.test("a problem that the control plane answers with ends the waiting", async () => {
  const api = createApiClient(() =>
    Promise.resolve(Response.json(
      { type: "x", title: "x", status: 404, detail: "no release", code: "gone", remedy: null },
      { status: 404 },
    ))
  );
  const cli = createCli(createFakeHost(), () => undefined);
  await assert.rejects(followRelease(cli, api, RELEASE), /no release/);
});

Deno.test("on a terminal the table is drawn anew in place", async () => {
  const host = createFakeHost({ terminal: true });
  const control = createFakeControl();
  const cli = createCli(host, () => undefined);
  await followRelease(cli, createApiClient(control.transport), RELEASE);
  const [before = "", after = ""] = host.said().split("\u001b[2A");
  assert.match(before, /SERVICE/);
  assert.match(before, /starting/);
  assert.match(after, /running/);
});

Deno.test("each end has its words and its exit code", () => {
  const codes = (["done", "rolled_back", "failed", "superseded"] as const).map((state) => {
    const host = createFakeHost();
    const code = reportEnd(createCli(host, () => undefined), viewOf(state, "running"));
    return [state, code, host.said().split("\n")[0]];
  });
  assert.deepEqual(codes, [
    ["done", 0, "shop is up"],
    ["rolled_back", 1, "shop was rolled back, what ran before serves on: web was not healthy"],
    ["failed", 1, "shop did not come up"],
    ["superseded", 1, "a newer release of shop took over"],
  ]);
});
