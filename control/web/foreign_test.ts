import assert from "node:assert/strict";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { ask, createPerson } from "../testing/people.ts";

const PATHS = [
  "/",
  "/nodes",
  "/nodes/box",
  "/projects",
  "/projects/blog",
  "/volumes",
  "/secrets",
  "/routes",
  "/names",
  "/firewall",
  "/jobs",
  "/audit",
];

Deno.test("no page shows anything of a project that its reader has no role in", async () => {
  await using harness = await createHarness();
  for (const name of ["blog", "hidden"]) {
    const model = testModel(name, { [`${name}-web`]: testService() });
    await harness.api.createRelease(name, testRequest(model));
  }
  await harness.agent.settle();
  const blog = ProjectName.parse("blog");
  const viewer = await createPerson(harness, "vera", [{ role: "viewer", project: blog }]);
  for (const path of PATHS) {
    const response = await ask(harness.app, path, {}, viewer);
    const text = await response.text();
    assert.equal(response.status, 200, path);
    assert.doesNotMatch(text, /hidden-web|projects\/hidden/, path);
  }
  assert.match(await (await ask(harness.app, "/projects", {}, viewer)).text(), /projects\/blog/);
  for (const path of ["/projects/hidden", "/projects/hidden/services/hidden-web"]) {
    const response = await ask(harness.app, path, {}, viewer);
    assert.ok([403, 404].includes(response.status), path);
    assert.match(await response.text(), /To the overview/);
  }
});

Deno.test("who may apply nowhere uploads nothing: it would be read, and take room", async () => {
  await using harness = await createHarness();
  const blog = ProjectName.parse("blog");
  const sent = async (role: "viewer" | "operator") => {
    const { cookie } = await createPerson(harness, role, [{ role, project: blog }]);
    const body = new FormData();
    body.set("text", "name: blog\nservices: {web: {image: x}}");
    const response = await ask(harness.app, "/apply", { method: "POST", body }, { cookie });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await sent("viewer"), 403);
  await assert.rejects(Deno.stat(`${harness.folder}/uploads`), Deno.errors.NotFound);
  assert.equal(await sent("operator"), 303);
});

Deno.test("a few uploads come in at once; one more is told when to come again", async () => {
  await using harness = await createHarness();
  const { cookie } = await createPerson(harness, "ops", [{ role: "operator", project: null }]);
  const other = await createPerson(harness, "eve", [{ role: "operator", project: null }]);
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  const whole = "--b\r\ncontent-disposition: form-data; name=text\r\n\r\nservices: {}\r\n--b--\r\n";
  const begin = async (by: string) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const answer = ask(harness.app, "/apply", { method: "POST", headers, body: readable }, {
      cookie: by,
    });
    // Once something of it is taken it counts.
    await writer.write(new TextEncoder().encode(whole.slice(0, 10)));
    return {
      answer,
      async end() {
        await writer.write(new TextEncoder().encode(whole.slice(10)));
        await writer.close();
        return await answer;
      },
    };
  };
  const send = (by: string) =>
    ask(harness.app, "/apply", { method: "POST", headers, body: whole }, { cookie: by });
  const coming = [await begin(cookie), await begin(cookie)];
  const refused = await send(cookie);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "10");
  assert.match(await refused.text(), /2 uploads of yours are coming in already/);
  coming.push(await begin(other.cookie), await begin(other.cookie));
  const third = await createPerson(harness, "kim", [{ role: "operator", project: null }]);
  assert.match(await (await send(third.cookie)).text(), /4 uploads are coming in already/);
  for (const { end } of coming) assert.equal((await end()).status, 303);
  assert.equal((await send(cookie)).status, 303);
});
