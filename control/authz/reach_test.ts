import assert from "node:assert/strict";
import type { ComposeModel, ComposeService } from "../../shared/compose/model.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { ask, createPerson } from "../testing/people.ts";

const SHOP = ProjectName.parse("shop");

const model = (over: Partial<ComposeService>, top: Partial<ComposeModel> = {}) =>
  testRequest(testModel("shop", { web: testService(over) }, top));

const REACHING: Readonly<Record<string, ReturnType<typeof testRequest>>> = {
  privileged: model({ privileged: true }),
  "host network": model({ network_mode: "host", networks: {} }),
  "host pid": model({ pid: "host" }),
  "host ipc": model({ ipc: "host" }),
  capability: model({ cap_add: ["SYS_ADMIN"] }),
  "capability by another name": model({ cap_add: ["cap_sys_ptrace"] }),
  "capability of the network": model({ cap_add: ["NET_RAW"] }),
  device: model({ devices: [{ source: "/dev/mem", target: "/dev/mem", permissions: "rwm" }] }),
  "device rule": model({ device_cgroup_rules: ["a *:* rwm"] }),
  "group of the host": model({ cgroup_parent: "system.slice" }),
  "no seccomp": model({ security_opt: ["seccomp=unconfined"] }),
  bind: model({ volumes: [{ type: "bind", source: "/", target: "/host" }] }),
  "volume that is a folder of the host": model(
    { volumes: [{ type: "volume", source: "data", target: "/data" }] },
    {
      volumes: {
        data: { name: "shop_data", driver_opts: { type: "none", o: "bind", device: "/etc" } },
      },
    },
  ),
  "volume from before": model(
    { volumes: [{ type: "volume", source: "data", target: "/data" }] },
    { volumes: { data: { name: "somebodys", external: true } } },
  ),
};

Deno.test("an operator of a project cannot release what reaches the host; the plan says so; an administrator can", async (test) => {
  await using h = await createHarness();
  const bob = await createPerson(h, "bob", [{ role: "operator", project: SHOP }]);
  const cat = await createPerson(h, "cat", [{ role: "admin", project: SHOP }]);
  const ada = await createPerson(h, "ada", [{ role: "admin", project: null }]);
  await bob.api.createRelease("shop", model({}));
  for (const [what, request] of Object.entries(REACHING)) {
    await test.step(what, async () => {
      for (const { api } of [bob, cat]) {
        const { warnings } = await api.plan("shop", request);
        assert.ok(warnings.some(({ code }) => code === "needs_admin"), JSON.stringify(warnings));
        await assert.rejects(api.createRelease("shop", request), { code: "forbidden" });
      }
      const { warnings } = await ada.api.plan("shop", request);
      assert.ok(warnings.every(({ code }) => code !== "needs_admin"));
    });
  }
});

Deno.test("what an administrator released stays, while an operator changes other services beside it", async () => {
  await using h = await createHarness();
  const bob = await createPerson(h, "bob", [{ role: "operator", project: SHOP }]);
  const ada = await createPerson(h, "ada", [{ role: "admin", project: null }]);
  const both = (image: string, command: string[] | null = null) =>
    testRequest(testModel("shop", {
      probe: testService({ privileged: true, command }),
      web: testService({ image }),
    }));
  await ada.api.createRelease("shop", both("docker.io/library/web:1"));
  await h.agent.settle();
  await bob.api.createRelease("shop", both("docker.io/library/web:2"));
  await assert.rejects(
    bob.api.createRelease("shop", both("docker.io/library/web:2", ["cat", "/etc/shadow"])),
    { code: "forbidden" },
  );
  await assert.rejects(
    bob.api.startRun("shop", "probe", { noDeps: true, asJob: false, command: ["sh"] }),
    { code: "forbidden" },
  );
});

Deno.test("a project takes part in another one's volumes and networks only by who may change both", async () => {
  await using h = await createHarness();
  const bob = await createPerson(h, "bob", [{ role: "operator", project: SHOP }]);
  const eve = await createPerson(h, "eve", [
    { role: "operator", project: SHOP },
    { role: "operator", project: ProjectName.parse("plant") },
  ]);
  await h.api.createRelease("plant", {
    parts: {
      compose: {
        model: testModel("plant", {
          db: testService({ volumes: [{ type: "volume", source: "data", target: "/data" }] }),
        }, { volumes: { data: { name: "plant_shared" } } }),
        files: {},
        builds: {},
        sourceFolder: "/srv/plant",
      },
    },
  });
  const volume = model(
    { volumes: [{ type: "volume", source: "theirs", target: "/data" }] },
    { volumes: { theirs: { name: "plant_shared", external: true } } },
  );
  const network = model(
    { networks: { theirs: null } },
    { networks: { theirs: { name: "plant_default", external: true } } },
  );
  for (const request of [volume, network]) {
    await assert.rejects(bob.api.createRelease("shop", request), (error: Error) => {
      assert.doesNotMatch(error.message, /plant/);
      return true;
    });
    const { warnings } = await eve.api.plan("shop", request);
    assert.ok(warnings.every(({ code }) => code !== "needs_admin"), JSON.stringify(warnings));
  }
});

Deno.test("who builds for one project gives its image no further name, which another one may run", async () => {
  await using h = await createHarness();
  const bob = await createPerson(h, "bob", [{ role: "operator", project: SHOP }]);
  const ada = await createPerson(h, "ada", [{ role: "operator", project: null }]);
  const build = async (cookie: string, settings: object) => {
    const query = new URLSearchParams({ settings: JSON.stringify(settings) });
    const init = { method: "POST", headers: { "content-type": "application/x-tar" }, body: "x" };
    const path = `/api/v1/projects/shop/builds/web?${query}`;
    const response = await ask(h.app, path, init, { cookie });
    await response.text();
    return response.status;
  };
  const named = { tags: ["docker.io/library/postgres:16"] };
  assert.equal(await build(bob.cookie, named), 403);
  assert.equal(await build(bob.cookie, {}), 200);
  assert.equal(await build(ada.cookie, named), 200);
});

Deno.test("no project builds under a name of another one's images", async () => {
  await using h = await createHarness();
  const reference = async (project: string, service: string) => {
    const init = { method: "POST", headers: { "content-type": "application/x-tar" }, body: "x" };
    const ada = { kind: "root", via: "socket" } as const;
    const path = `http://localhost/api/v1/projects/${project}/builds/${service}`;
    const text = await (await h.app.fetch(new Request(path, init), ada)).text();
    return /"reference":"([^"]+)"/.exec(text)?.[1];
  };
  const first = await reference("a-b", "c");
  assert.match(first ?? "", /^localhost\//);
  assert.notEqual(first, await reference("a", "b-c"));
});

Deno.test("who may not reach the host gets no shell in what an administrator let hold it", async (test) => {
  await using h = await createHarness();
  const bob = await createPerson(h, "bob", [{ role: "operator", project: SHOP }]);
  const bind = (source: string, read_only = false) =>
    model({ volumes: [{ type: "bind", source, target: "/held", read_only }] });
  const cases: readonly [string, ReturnType<typeof testRequest>, boolean][] = [
    ["all of the host", bind("/", true), false],
    ["an engine's socket", bind("/var/run/docker.sock", true), false],
    ["jobs of the host", bind("/etc/cron.d"), false],
    ["settings of the host, whole", bind("/etc", true), false],
    [
      "a drive",
      model({ devices: [{ source: "/dev/sda", target: "/dev/x", permissions: "r" }] }),
      false,
    ],
    ["data of everything", bind("/var", true), false],
    ["a folder of its own", bind("/srv/shop/data"), true],
    ["data of its own", bind("/var/lib/shop"), true],
    ["the time zone", bind("/etc/localtime", true), true],
  ];
  for (const [what, request, allowed] of cases) {
    await test.step(what, async () => {
      await h.api.createRelease("shop", request);
      await h.agent.settle();
      const run = bob.api.startRun("shop", "web", { noDeps: true, asJob: false, command: ["sh"] });
      if (allowed) await run;
      else await assert.rejects(run, { code: "forbidden" });
    });
  }
});
