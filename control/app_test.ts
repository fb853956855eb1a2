import assert from "node:assert/strict";
import { homeCertificates } from "../shared/certificates/home_certificates.ts";
import { ApiError } from "../shared/api/problem.ts";
import { sha256 } from "../shared/model/hash.ts";
import { silentLog } from "../shared/log.ts";
import { createApp } from "./app.ts";
import { createHarness, TEST_SETTINGS } from "./testing/harness.ts";
import { testModel, testRequest, testService } from "./testing/models.ts";

async function refusal(work: Promise<unknown>): Promise<ApiError> {
  const thrown = await work.then(() => null, (error: unknown) => error);
  assert.ok(thrown instanceof ApiError, `not refused: ${thrown}`);
  return thrown;
}

Deno.test("an apply goes all the way: plan, release, sections, report, done", async () => {
  await using h = await createHarness();
  const model = testModel("shop", {
    web: testService({
      environment: { LOG: "info", EMPTY: null },
      "x-skerry": { routes: [{ path: "/", port: 8080, tls: "both" }] },
      depends_on: { db: { condition: "service_healthy", required: true } },
    }),
    db: testService({
      image: "postgres:15",
      volumes: [{ type: "volume", source: "data", target: "/var/lib/postgresql" }],
    }),
  }, { volumes: { data: { name: "shop_data" } } });
  const plan = await h.api.plan("shop", testRequest(model));
  assert.deepEqual(plan.services.map((each) => [each.service, each.change]), [
    ["db", "created"],
    ["web", "created"],
  ]);
  assert.deepEqual(await h.api.projects(), [], "a plan changes nothing");

  const accepted = await h.api.createRelease("shop", testRequest(model));
  assert.equal((await h.api.release(accepted.id)).state, "rolling");
  await h.agent.fetch();
  const [db, web] = h.agent.deployments().toSorted((a, b) =>
    a.serviceName < b.serviceName ? -1 : 1
  );
  assert.ok(db && web);
  assert.deepEqual([db.addresses, web.addresses].flat().sort(), ["10.210.0.2", "10.210.0.3"]);
  assert.deepEqual(JSON.parse(h.agent.unseal(web.sealedEnvironment ?? "")), { LOG: "info" });
  assert.deepEqual(web.spec.environment.names, ["LOG"]);
  assert.equal(web.spec.health.kind === "none" && web.spec.health.probePort, 8080);
  assert.equal(web.image.digest, `sha256:${sha256("docker.io/library/web:1")}`);
  await h.agent.settle();
  assert.equal((await h.api.release(accepted.id)).state, "done");
  const services = await h.api.services("shop");
  assert.deepEqual(services.map((each) => [each.name, each.stage, each.slots.running]), [
    ["db", "running", 1],
    ["web", "running", 1],
  ]);
  assert.deepEqual(services[1]?.urls, ["http://localhost/", "https://localhost/"]);

  const again = await h.api.createRelease("shop", testRequest(model));
  assert.equal(again.changes, false);
  assert.equal((await h.api.release(again.id)).state, "done");
  const before = h.agent.manifest().revision;
  await h.agent.settle();
  assert.equal(h.agent.manifest().revision, before, "the same again is no new intent");
});

Deno.test("a changed image comes up beside the old one, which goes when it serves", async () => {
  await using h = await createHarness();
  const apply = (image: string) =>
    h.api.createRelease("shop", testRequest(testModel("shop", { web: testService({ image }) })));
  await apply("web:1");
  await h.agent.settle();
  const plan = await h.api.plan(
    "shop",
    testRequest(testModel("shop", { web: testService({ image: "web:2" }) })),
  );
  assert.equal(plan.services[0]?.order, "beside");
  assert.deepEqual(plan.services[0]?.fields.map((each) => each.field), ["image"]);
  const { id } = await apply("web:2");
  await h.agent.fetch();
  const wants = h.agent.deployments().map((each) => [each.image.reference, each.want]).sort();
  assert.deepEqual(wants, [["web:1", "retire"], ["web:2", "run"]]);
  h.agent.fates.set("web", "starts");
  await h.agent.report();
  assert.equal((await h.api.release(id)).state, "rolling");
  h.agent.fates.set("web", "runs");
  await h.agent.settle();
  assert.equal((await h.api.release(id)).state, "done");
  assert.deepEqual(h.agent.deployments().map((each) => each.image.reference), ["web:2"]);
});

Deno.test("a replacement that fails goes, the old one runs on, the release is rolled back", async () => {
  await using h = await createHarness();
  const request = (image: string, port: number) =>
    testRequest(testModel("shop", {
      web: testService({
        image,
        "x-skerry": { routes: [{ path: "/", port, tls: "off" }] },
      }),
    }));
  await h.api.createRelease("shop", request("web:1", 80));
  await h.agent.settle();
  const { id } = await h.api.createRelease("shop", request("web:2", 90));
  h.agent.fates.set("web", "fails");
  await h.agent.fetch();
  await h.agent.report();
  const view = await h.api.release(id);
  assert.equal(view.state, "rolled_back");
  assert.match(view.reason?.message ?? "", /"web" failed: not healthy in time/);
  h.agent.fates.set("web", "runs");
  await h.agent.settle();
  assert.deepEqual(
    h.agent.deployments().map((each) => [each.image.reference, each.want]),
    [["web:1", "run"]],
  );
  assert.equal((await h.api.routes())[0]?.port, 80, "routes go back too");
  const { id: next } = await h.api.createRelease("shop", request("web:2", 90));
  await h.agent.settle();
  assert.equal((await h.api.release(next)).state, "done", "trying again is a new try");
});

Deno.test("a newer release takes over: the one that never served goes at once", async () => {
  await using h = await createHarness();
  const apply = (image: string) =>
    h.api.createRelease("shop", testRequest(testModel("shop", { web: testService({ image }) })));
  await apply("web:1");
  await h.agent.settle();
  h.agent.fates.set("web", "starts");
  const second = await apply("web:2");
  await h.agent.fetch();
  await h.agent.report();
  const third = await apply("web:3");
  assert.equal((await h.api.release(second.id)).state, "superseded");
  await h.agent.fetch();
  const by = new Map(h.agent.deployments().map((each) => [each.image.reference, each]));
  assert.equal(by.get("web:1")?.want, "retire");
  assert.equal(by.get("web:2")?.want, "absent");
  assert.equal(by.get("web:3")?.replaces, by.get("web:1")?.id);
  const back = await apply("web:1");
  await h.agent.fetch();
  assert.deepEqual(
    h.agent.deployments().filter((each) => each.want === "run").map((each) => each.id),
    [by.get("web:1")?.id],
    "what serves is taken back as it is",
  );
  h.agent.fates.set("web", "runs");
  await h.agent.settle();
  assert.equal((await h.api.release(third.id)).state, "superseded");
  assert.equal((await h.api.release(back.id)).state, "done");
});

Deno.test("volumes_from gives another's mounts, volumes of a folder are binds, dns and GPUs are for one", async () => {
  await using h = await createHarness();
  const model = testModel("shop", {
    base: testService({
      volumes: [
        { type: "volume", source: "data", target: "/data" },
        { type: "volume", source: "", target: "/own" },
        { type: "volume", source: "disk", target: "/disk" },
      ],
    }),
    middle: testService({
      volumes_from: ["base:ro"],
      volumes: [{
        type: "bind",
        source: "/srv/x",
        target: "/disk",
        bind: { propagation: "rslave" },
      }],
    }),
    last: testService({
      volumes_from: ["middle"],
      dns: ["9.9.9.9"],
      gpus: [{ driver: "nvidia", device_ids: ["0"] }],
      deploy: { resources: { reservations: { devices: [{ count: -1 }] } } },
    }),
  }, {
    volumes: {
      data: { name: "shop_data" },
      disk: { name: "shop_disk", driver_opts: { type: "none", o: "bind,ro", device: "/mnt/disk" } },
    },
  });
  await h.api.createRelease("shop", testRequest(model));
  await h.agent.fetch();
  const found = Object.fromEntries(
    h.agent.deployments().map((each) => [String(each.serviceName), each.spec]),
  );
  const mounts = (service: string) =>
    Object.fromEntries((found[service]?.mounts ?? []).map((each) => [each.target, each]));
  const [base, middle, last] = [mounts("base"), mounts("middle"), mounts("last")];
  const disk = { kind: "bind", target: "/disk", createHostPath: false, source: "/mnt/disk" };
  assert.deepEqual(base["/disk"], { ...disk, readOnly: true });
  for (const target of ["/data", "/own"]) {
    assert.deepEqual(middle[target], { ...base[target], readOnly: true });
    assert.deepEqual(last[target], middle[target]);
  }
  assert.deepEqual(middle["/disk"], {
    kind: "bind",
    source: "/srv/x",
    target: "/disk",
    readOnly: false,
    createHostPath: true,
    propagation: "rslave",
  });
  assert.deepEqual(last["/disk"], middle["/disk"]);
  assert.deepEqual(found.last?.resolver, { search: [], options: [], servers: ["9.9.9.9"] });
  assert.deepEqual(found.last?.access?.devices?.map((each) => each.source), [
    "nvidia.com/gpu=0",
    "nvidia.com/gpu=all",
  ]);
  assert.equal((await h.api.volumes()).length, 2);
});

Deno.test("what is mounted in a volume's place goes to the engine, is no other's, and is marked", async () => {
  await using h = await createHarness();
  const request = (address: string) =>
    testRequest(testModel("shop", {
      web: testService({
        volumes: [
          { type: "volume", source: "media", target: "/media" },
          { type: "volume", source: "scratch", target: "/scratch" },
          { type: "volume", source: "disk", target: "/disk" },
          { type: "volume", source: "folder", target: "/folder" },
        ],
      }),
    }, {
      volumes: {
        media: {
          name: "shop_media",
          driver_opts: { type: "nfs", o: `addr=${address},ro`, device: ":/media" },
        },
        scratch: {
          name: "shop_scratch",
          driver_opts: { type: "tmpfs", device: "tmpfs", o: "size=1m,noexec" },
        },
        disk: { name: "shop_disk", driver_opts: { type: "ext4", device: "/dev/sdb1" } },
        folder: { name: "shop_folder", driver_opts: { type: "none", o: "bind", device: "/srv" } },
      },
    }));
  const plan = await h.api.plan("shop", request("192.0.2.7"));
  const marked = plan.warnings.filter((each) => each.code === "reaches_host");
  assert.deepEqual(marked.map((each) => /"\/[^"]*" of the host/.exec(each.message)?.[0]), [
    '"/dev/sdb1" of the host',
    '"/srv" of the host',
  ]);
  await h.api.createRelease("shop", request("192.0.2.7"));
  await h.agent.fetch();
  const made = h.agent.sections().flatMap((each) =>
    each.capability === "volumes" ? each.volumes : []
  );
  assert.deepEqual(Object.fromEntries(made.map((each) => [each.name, each.options])), {
    media: { type: "nfs", device: "192.0.2.7:/media", o: "ro,retry=0" },
    scratch: { type: "tmpfs", device: "tmpfs", o: "size=1m,noexec" },
    disk: { type: "ext4", device: "/dev/sdb1", o: "" },
  });
  const mounts = h.agent.deployments()[0]?.spec.mounts ?? [];
  assert.deepEqual(mounts.map((each) => "noExec" in each), [false, true, false, false]);
  await h.agent.settle();

  const elsewhere = await refusal(h.api.createRelease("shop", request("192.0.2.8")));
  assert.match(elsewhere.message, /"media" was made with driver_opts .*192\.0\.2\.7/);
  assert.equal((await h.api.createRelease("shop", request("192.0.2.7"))).changes, false);
});

Deno.test("a service with a MAC address of its own is never there twice", async () => {
  await using h = await createHarness();
  const request = (image: string) =>
    testRequest(testModel("shop", {
      licensed: testService({ image, mac_address: "02-42-AC-11-00-02" }),
    }));
  await h.api.createRelease("shop", request("web:1"));
  await h.agent.settle();
  assert.equal(h.agent.deployments()[0]?.spec.macAddress, "02:42:ac:11:00:02");
  const plan = await h.api.plan("shop", request("web:2"));
  assert.equal(plan.services[0]?.order, "stop_first");
  assert.match(plan.services[0]?.orderReason ?? "", /02:42:ac:11:00:02/);
});

Deno.test("a volume that both would write makes the old one stop first, and survives a delete", async () => {
  await using h = await createHarness();
  const request = (image: string) =>
    testRequest(testModel("shop", {
      db: testService({
        image,
        volumes: [{ type: "volume", source: "data", target: "/data" }],
      }),
    }, { volumes: { data: { name: "shop_data" } } }));
  await h.api.createRelease("shop", request("db:1"));
  await h.agent.settle();
  const [before] = await h.api.volumes();
  const plan = await h.api.plan("shop", request("db:2"));
  assert.equal(plan.services[0]?.order, "stop_first");
  assert.match(plan.services[0]?.orderReason ?? "", /volume "data"/);
  const { id } = await h.api.createRelease("shop", { parts: {} });
  await h.agent.settle();
  assert.equal((await h.api.release(id)).state, "done");
  assert.deepEqual(h.agent.deployments(), []);
  assert.deepEqual((await h.api.projects()).map((each) => each.deleted), [true]);
  await h.api.createRelease("shop", request("db:2"));
  await h.agent.settle();
  const [after] = await h.api.volumes();
  assert.equal(after?.id, before?.id);
  const used = await refusal(h.api.deleteVolume("shop", "data"));
  assert.deepEqual([used.status, used.code], [409, "volume_in_use"]);
  await h.api.createRelease("shop", { parts: {}, purge: "shop" });
  await h.agent.settle();
  assert.deepEqual(await h.api.volumes(), []);
  assert.deepEqual(h.link.removed, ["skerry-test-shop.data"]);
});

Deno.test("what cannot be is refused whole, each fault with its way out", async () => {
  await using h = await createHarness();
  h.link.images.set("nowhere:1", "not_found");
  const refused = await refusal(h.api.createRelease(
    "shop",
    testRequest(testModel("shop", {
      web: testService({
        ports: [{ mode: "ingress", target: 8080, published: "80", protocol: "tcp" }],
        secrets: [{ source: "key", target: "/run/secrets/key" }],
      }),
      other: testService({ image: "nowhere:1" }),
    }, { secrets: { key: { name: "api_key", external: true } } })),
  ));
  assert.equal(refused.status, 422);
  const faults = new Map(refused.problem.errors?.map((each) => [each.code, each]));
  assert.deepEqual([...faults.keys()].sort(), [
    "image_not_found",
    "port_of_ingress",
    "secret_missing",
  ]);
  assert.match(faults.get("port_of_ingress")?.remedy ?? "", /routes: \[\{ path: "\/", port: 8080/);
  assert.match(faults.get("secret_missing")?.remedy ?? "", /skerry secret set api_key/);
  assert.deepEqual(await h.api.projects(), []);
});

Deno.test("a registry that does not answer holds nothing up; the pin is filled by the node", async () => {
  await using h = await createHarness();
  h.link.images.set("web:1", "unreachable");
  const { warnings } = await h.api.createRelease(
    "shop",
    testRequest(testModel("shop", { web: testService({ image: "web:1" }) })),
  );
  assert.deepEqual(warnings.map((each) => each.code), ["image_unresolved"]);
  await h.agent.settle();
  const [container] = await h.api.containers();
  assert.equal(container?.image.id, sha256("web:1"));
  const hashes = h.agent.deployments().map((each) => each.specHash);
  await h.api.createRelease(
    "shop",
    testRequest(testModel("shop", { web: testService({ image: "web:1" }) })),
  );
  await h.agent.settle();
  assert.deepEqual(h.agent.deployments().map((each) => each.specHash), hashes);
});

Deno.test("a host port is held by one project; another is told by whom", async () => {
  await using h = await createHarness();
  const request = (name: string) =>
    testRequest(testModel(name, {
      web: testService({
        ports: [{ mode: "ingress", target: 80, published: "8080", protocol: "tcp" }],
      }),
    }));
  await h.api.createRelease("one", request("one"));
  const refused = await refusal(h.api.createRelease("two", request("two")));
  assert.equal(refused.code, "port_taken");
  assert.match(refused.message, /project "two".*project "one"/);
});

Deno.test("secrets: sealed to the node, changed by value, never shown", async () => {
  await using h = await createHarness();
  const bytes = (text: string) => new TextEncoder().encode(text);
  await h.api.putSecret("api_key", bytes("first"));
  const request = (value: string) =>
    testRequest(
      testModel("shop", {
        web: testService({
          secrets: [
            { source: "key", target: "/run/secrets/key" },
            { source: "own", target: "/run/secrets/own", mode: "0400" },
          ],
        }),
      }, {
        secrets: {
          key: { name: "api_key", external: true },
          own: { name: "shop_own", file: "/srv/own" },
        },
      }),
      { secretValues: { own: btoa(value) } },
    );
  const open = () =>
    h.agent.sections().flatMap((section) =>
      section.capability === "secrets"
        ? section.secrets.map((each) => `${each.name}=${h.agent.unseal(each.sealed)}`)
        : []
    ).sort();
  await h.api.createRelease("shop", request("mine"));
  await h.agent.settle();
  assert.deepEqual(open(), ["key=first", "own=mine"]);
  assert.equal((await h.api.plan("shop", request("mine"))).changes, false);
  await h.api.putSecret("api_key", bytes("second"));
  assert.equal((await h.api.plan("shop", request("mine"))).changes, true);
  await h.api.createRelease("shop", request("other"));
  await h.agent.settle();
  assert.deepEqual(open(), ["key=second", "own=other"]);
  const listed = await h.api.secrets();
  assert.deepEqual(listed.map((each) => [each.project, each.name, each.versions]), [
    [null, "api_key", 2],
    ["shop", "own", 2],
  ]);
  assert.deepEqual((await refusal(h.api.deleteSecret("api_key"))).code, "secret_in_use");
});

Deno.test("an external config is kept by name, handed out as written, and changed by a new value", async () => {
  await using h = await createHarness();
  const bytes = (text: string) => new TextEncoder().encode(text);
  const model = testModel("shop", {
    web: testService({
      configs: [
        { source: "proxy", target: "/etc/proxy.conf", mode: "0440", uid: "1000", gid: "1001" },
      ],
      secrets: [{ source: "proxy", target: "/run/secrets/proxy" }],
      "x-skerry": { env_secrets: true },
    }),
  }, {
    configs: { proxy: { name: "proxy_conf", external: true } },
    secrets: { proxy: { name: "proxy_key", external: true } },
  });
  const refused = await refusal(h.api.plan("shop", testRequest(model)));
  assert.deepEqual(refused.problem.errors?.map(({ code, remedy }) => [code, remedy]), [
    ["secret_missing", "Run: skerry secret set proxy_key"],
    [
      "config_missing",
      "Run: skerry secret set proxy_conf --file FILE; external configs are kept as secrets are.",
    ],
  ]);
  await h.api.putSecret("proxy_conf", bytes("listen 80"));
  await h.api.putSecret("proxy_key", bytes("key"));
  assert.deepEqual((await h.api.plan("shop", testRequest(model))).secrets, [
    { name: "proxy", change: "unchanged" },
    { name: "proxy", change: "unchanged", kind: "config" },
  ]);
  await h.api.createRelease("shop", testRequest(model));
  await h.agent.settle();
  const spec = () => h.agent.deployments().find((each) => each.want === "run")?.spec;
  const given = spec()?.secrets.find((each) => each.config === true);
  assert.ok(given !== undefined);
  const { version, ...rest } = given;
  assert.deepEqual(rest, {
    name: "proxy",
    target: "/etc/proxy.conf",
    mode: 0o440,
    uid: 1000,
    gid: 1001,
    config: true,
  });
  // A config never becomes a variable.
  assert.deepEqual(spec()?.envSecrets.map((each) => each.variable), ["PROXY"]);
  assert.notEqual(spec()?.envSecrets[0]?.version, version);
  const opened = h.agent.sections().flatMap((section) =>
    section.capability === "secrets" ? section.secrets : []
  ).find((each) => each.version === version);
  assert.equal(h.agent.unseal(opened?.sealed ?? ""), "listen 80");

  await h.api.putSecret("proxy_conf", bytes("listen 81"));
  const plan = await h.api.plan("shop", testRequest(model));
  assert.deepEqual(plan.services.map((each) => [each.change, each.fields.map((f) => f.field)]), [
    ["changed", ["config proxy"]],
  ]);
  await h.api.createRelease("shop", testRequest(model));
  await h.agent.settle();
  assert.notEqual(spec()?.secrets.find((each) => each.config === true)?.version, version);
  assert.equal((await refusal(h.api.deleteSecret("proxy_conf"))).code, "secret_in_use");
});

Deno.test("an Idempotency-Key answers a repeat as the first time; a stale parent is 409", async () => {
  await using h = await createHarness();
  const request = testRequest(testModel("shop", { web: testService() }));
  const first = await h.api.createRelease("shop", request, "once");
  const repeat = await h.api.createRelease("shop", request, "once");
  assert.equal(repeat.id, first.id);
  const stale = await refusal(h.api.createRelease("shop", { ...request, parent: null }));
  assert.deepEqual([stale.status, stale.code], [409, "stale_parent"]);
  const { id } = await h.api.createRelease("shop", { ...request, parent: first.id });
  assert.equal((await h.api.release(id)).parent, first.id);
});

Deno.test("jobs run once: completed is done, and the same again does not run it again", async () => {
  await using h = await createHarness();
  const request = testRequest(testModel("shop", {
    migrate: testService(),
    web: testService({
      depends_on: { migrate: { condition: "service_completed_successfully", required: true } },
    }),
  }));
  h.agent.fates.set("migrate", "completes");
  const { id } = await h.api.createRelease("shop", request);
  await h.agent.settle();
  const view = await h.api.release(id);
  assert.equal(view.state, "done");
  assert.deepEqual(view.slots.map((each) => [each.service, each.kind, each.stage]), [
    ["migrate", "job", "completed"],
    ["web", "service", "running"],
  ]);
  const ids = h.agent.deployments().map((each) => each.id).sort();
  await h.api.createRelease("shop", request);
  await h.agent.settle();
  assert.deepEqual(h.agent.deployments().map((each) => each.id).sort(), ids);
});

Deno.test("files that were not sent are listed, and serve once they are", async () => {
  await using h = await createHarness();
  const content = new TextEncoder().encode("listen 80;");
  const hash = sha256(content);
  const model = testModel("shop", {
    web: testService({
      volumes: [{
        type: "bind",
        source: "/srv/shop/nginx.conf",
        target: "/etc/n",
        read_only: true,
      }],
      configs: [{ source: "motd", target: "/motd" }],
    }),
  }, { configs: { motd: { name: "shop_motd", content: "hello" } } });
  const request = {
    parts: {
      compose: {
        model,
        files: { "/srv/shop/nginx.conf": { kind: "file" as const, sha256: hash, mode: 0o644 } },
        builds: {},
        sourceFolder: "/srv/shop",
      },
    },
  };
  assert.deepEqual((await h.api.plan("shop", request)).missingBlobs, [hash]);
  assert.equal((await refusal(h.api.createRelease("shop", request))).code, "missing_blobs");
  assert.equal(
    (await refusal(h.api.putBlob(hash, new TextEncoder().encode("other")))).code,
    "blob_mismatch",
  );
  await h.api.putBlob(hash, content);
  await h.api.createRelease("shop", request);
  await h.agent.fetch();
  assert.deepEqual(
    h.agent.manifest().files.map((each) => each.sha256),
    [hash, sha256("hello")].sort(),
  );
  const blob = await h.agent.request(`/api/v1/agent/blobs/${hash}`);
  assert.equal(await blob.text(), "listen 80;");
});

Deno.test("events tell the progress and end with the release", async () => {
  await using h = await createHarness();
  const { id } = await h.api.createRelease(
    "shop",
    testRequest(testModel("shop", { web: testService() })),
  );
  const states: string[] = [];
  for await (const event of h.api.releaseEvents(id)) {
    states.push(event.state);
    if (event.state === "rolling") await h.agent.settle();
  }
  assert.equal(states[0], "rolling");
  assert.equal(states.at(-1), "done");
});

Deno.test("a held request for the expected state ends when the intent changes", async () => {
  await using h = await createHarness();
  const response = await h.agent.request("/api/v1/agent/expected-state");
  await response.body?.cancel();
  const etag = response.headers.get("etag") ?? "";
  const held = h.agent.request("/api/v1/agent/expected-state?wait=60", {
    headers: { "if-none-match": etag },
  });
  await h.api.createRelease("shop", testRequest(testModel("shop", { web: testService() })));
  const answer = await held;
  assert.equal(answer.status, 200);
  assert.notEqual(answer.headers.get("etag"), etag);
  await answer.body?.cancel();
});

Deno.test("an address is used again only when its container is gone and its name has run out", async () => {
  await using h = await createHarness({ settings: { containerRange: "10.210.0.0/29" } });
  const request = (image: string) =>
    testRequest(testModel("shop", { web: testService({ image, deploy: { replicas: 5 } }) }));
  await h.api.createRelease("shop", request("web:1"));
  await h.agent.settle();
  const full = await refusal(h.api.createRelease("shop", request("web:2")));
  assert.equal(full.code, "addresses_exhausted");
  await h.api.createRelease("shop", { parts: {} });
  await h.agent.settle();
  assert.equal(
    (await refusal(h.api.createRelease("shop", request("web:2")))).code,
    "addresses_exhausted",
  );
  h.clock.advance(10_000);
  await h.api.createRelease("shop", request("web:2"));
});

Deno.test("a network with a name of its own is shared; the default is not", async () => {
  await using h = await createHarness();
  const request = (name: string, external: boolean) =>
    testRequest(testModel(name, {
      web: testService({ networks: { default: null, edge: { aliases: ["front"] } } }),
    }, {
      networks: {
        default: { name: `${name}_default` },
        edge: external ? { name: "edge", external: true } : { name: "edge", internal: true },
      },
    }));
  await h.api.createRelease("one", request("one", false));
  await h.api.createRelease("two", request("two", true));
  await h.agent.fetch();
  const networks = h.agent.sections().flatMap((section) =>
    section.capability === "firewall" ? section.networks : []
  );
  assert.deepEqual(networks.map((each) => `${each.network} ${each.internal}`).sort(), [
    "*/edge true",
    "*/edge true",
    "one/default false",
    "two/default false",
  ]);
});

Deno.test("acknowledged releases are there after a restart, with secrets and intent", async () => {
  await using h = await createHarness({ database: "control.db" });
  await h.api.createRelease("shop", testRequest(testModel("shop", { web: testService() })));
  const database = `${h.folder}/control.db`;
  // A copy as a crash would leave it: the -wal file is part of it.
  for (const suffix of ["", "-wal"]) {
    await Deno.copyFile(`${database}${suffix}`, `${h.folder}/copy.db${suffix}`);
  }
  const app = createApp({
    databasePath: `${h.folder}/copy.db`,
    blobsFolder: `${h.folder}/blobs`,
    room: h.room,
    keys: h.keys,
    clock: h.clock,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    log: silentLog,
    links: () => null,
    certificates: homeCertificates({
      certificatesDir: `${h.folder}/certificates`,
      agentDir: `${h.folder}/agent`,
    }),
    settings: TEST_SETTINGS,
  });
  const state = await h.agent.request("/api/v1/agent/expected-state", {}, app);
  const now = await h.agent.request("/api/v1/agent/expected-state");
  assert.deepEqual(await state.json(), await now.json());
  app.close();
});
