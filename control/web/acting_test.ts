import assert from "node:assert/strict";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

const ORIGIN = "http://localhost";
const SCRIPT = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;

function asRoot(h: Harness, path: string, init?: RequestInit): Promise<Response> {
  return h.app.fetch(new Request(ORIGIN + path, init), { kind: "root", via: "socket" });
}

function formOf(fields: Readonly<Record<string, string>>): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", origin: ORIGIN },
    body: new URLSearchParams(fields).toString(),
  };
}

async function shop(): Promise<Harness> {
  const h = await createHarness();
  await h.api.createRelease("shop", testRequest(testModel("shop", { web: testService() })));
  await h.agent.settle();
  return h;
}

const FORMS: readonly (readonly [path: string, fields: readonly string[]])[] = [
  ["/login", ["name", "password", "code", "next", "pending"]],
  ["/setup", ["token", "name", "password", "again"]],
  ["/users", ["name", "everywhere", "addProject", "addRole"]],
  ["/users/nobody/grants", ["everywhere", "role.shop", "etag"]],
  ["/users/nobody/delete", ["confirm"]],
  ["/tokens", ["name", "days", "everywhere"]],
  ["/tokens/revoke", ["token", "name"]],
  ["/account/password", ["current", "password", "again"]],
  ["/account/totp", ["password"]],
  ["/account/totp/confirm", ["code", "begun"]],
  ["/account/sessions", ["session"]],
  ["/secrets", ["name", "project", "secret"]],
  ["/secrets/delete?project=&secret=x", ["confirm"]],
  ["/volumes/delete?project=shop&volume=x", ["confirm"]],
  ["/projects/shop/delete", ["confirm"]],
  ["/projects/shop/change", ["service", "image", "replicas", "cron", "value", "from"]],
  ["/projects/shop/change?", ["restart", "service"]],
  ["/images/pull", ["reference"]],
  ["/registries", ["host", "username", "password"]],
  ["/settings/login", ["sessionIdleMinutes", "sessionHours", "totpWindowSteps"]],
  ["/settings/certificate", ["certificate", "secretKey"]],
  ["/apply/aaaaaaaaaaaaaaaaaaaaaaaaaa", ["parent"]],
  ["/apply/aaaaaaaaaaaaaaaaaaaaaaaaaa/variables", ["var.X", "project"]],
];

Deno.test("no form fails on scripts, a lot of text, or what is no form; nothing comes back as markup", async (test) => {
  await using h = await shop();
  for (const [path, fields] of FORMS) {
    await test.step(path, async () => {
      const sent: RequestInit[] = [
        formOf(Object.fromEntries(fields.map((name) => [name, SCRIPT]))),
        formOf(Object.fromEntries(fields.map((name) => [name, ""]))),
        formOf({ [fields[0] ?? "x"]: "x".repeat(1_000_000) }),
        { method: "POST", headers: { "content-type": "application/json" }, body: `{"a":[1]}` },
        {
          method: "POST",
          headers: { "content-type": "multipart/form-data; boundary=x" },
          body: "?",
        },
      ];
      for (const init of sent) {
        const response = await asRoot(h, path, init);
        const text = await response.text();
        assert.notEqual(response.status, 500, text.slice(0, 300));
        assert.doesNotMatch(text, /<script>alert|<img src=x/);
      }
    });
  }
  assert.deepEqual((await h.api.projects()).map(({ name }) => name), ["shop"]);
  assert.equal((await h.api.services("shop")).length, 1);
});

Deno.test("a project goes only with its name typed; a purge only as one", async () => {
  await using h = await shop();
  const wrong = await asRoot(h, "/projects/shop/delete?purge=yes", formOf({ confirm: "Shop" }));
  assert.equal(wrong.status, 422);
  assert.match(await wrong.text(), /is not &quot;shop&quot;/);
  assert.equal((await h.api.projects())[0]?.deleted, false);
  const right = await asRoot(h, "/projects/shop/delete", formOf({ confirm: "shop" }));
  assert.equal(right.status, 303);
  assert.match(right.headers.get("location") ?? "", /^\/releases\/rel_/);
  assert.equal((await h.api.projects())[0]?.deleted, true);
});

Deno.test("a change that somebody else was faster with shows the plan as it is now", async () => {
  await using h = await shop();
  const { release } = await h.api.editable("shop");
  const fields = { service: "web", replicas: "2", parent: release, confirmed: "yes" };
  const first = await asRoot(h, "/projects/shop/change", formOf(fields));
  assert.equal(first.status, 303);
  await h.agent.settle();
  const late = await asRoot(
    h,
    "/projects/shop/change",
    formOf({ ...fields, replicas: "3" }),
  );
  assert.equal(late.status, 409);
  assert.match(await late.text(), /Somebody else changed the project meanwhile/);
});

Deno.test("an upload is planned, then released once, by two clicks too", async () => {
  await using h = await createHarness();
  const data = new FormData();
  data.append(
    "files",
    new File(["services: {web: {image: 'docker.io/library/web:1'}}"], "demo/compose.yaml"),
  );
  const sent = await asRoot(h, "/apply", { method: "POST", body: data });
  assert.equal(sent.status, 303);
  const upload = sent.headers.get("location") ?? "";
  assert.match(await (await asRoot(h, upload)).text(), /Plan for demo/);
  assert.deepEqual(await h.api.projects(), []);
  const [one, two] = [
    await asRoot(h, upload, formOf({ parent: "" })),
    await asRoot(h, upload, formOf({ parent: "" })),
  ];
  assert.equal(one.status, 303);
  assert.equal(two.headers.get("location") ?? "", one.headers.get("location"));
  assert.equal((await h.api.releases("demo")).length, 1);
});

Deno.test("a service is restarted after a look at the plan, by who may change it", async () => {
  await using h = await shop();
  const at = "/projects/shop/change?service=web&restart=yes";
  const page = await (await asRoot(h, "/projects/shop/services/web")).text();
  assert.ok(page.includes(at.replace("&", "&amp;")), "the service's page leads there");
  const ids = () => h.agent.deployments().filter(({ want }) => want === "run").map(({ id }) => id);
  const before = ids();
  const plan = await (await asRoot(h, at)).text();
  assert.match(plan, /Restart web/);
  assert.match(plan, />Restart<\/button>/);
  const hidden = [...plan.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)]
    .map(([, name = "", value = ""]) => [name, value] as const);
  await h.agent.settle();
  assert.deepEqual(ids(), before, "a look does nothing");
  const sent = Object.fromEntries(hidden.filter(([name]) => name !== "back"));
  const done = await asRoot(h, "/projects/shop/change", formOf(sent));
  assert.equal(done.status, 303, await done.text());
  await h.agent.settle();
  assert.equal(ids().length, before.length);
  assert.notDeepEqual(ids(), before);
  const none = await asRoot(h, at.replace("service=web", "service=none"));
  assert.equal(none.status, 422);
  assert.match(await none.text(), /has no service/);
});
