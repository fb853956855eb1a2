import assert from "node:assert/strict";
import { systemClock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import { type DeploymentId, VolumeId } from "../../shared/model/ids.ts";
import { createFakePodman, type FakePodman } from "../drivers/podman/fake.ts";
import { createContainersFacet } from "../facets/containers/facet.ts";
import { createVolumesFacet } from "../facets/volumes/facet.ts";
import { idText, testDeployment, testDesired, testSpec } from "../testing/intent.ts";
import { bindFacet, type BoundFacet, type BoundFacets } from "./action.ts";
import { createLoop, type Turn } from "./loop.ts";
import type { DeploymentMemory, Desired, FacetName, HealthSeen, Seen, World } from "./world.ts";

/** A facet that sees the same always and wants nothing. */
function still<Name extends FacetName>(name: Name, seen: Seen[Name]): BoundFacet<Name> {
  return { name, observe: () => Promise.resolve(seen), actions: () => [] };
}

function facetsOver(podman: FakePodman): BoundFacets {
  const marks = new Map<string, string>();
  return {
    network: still("network", {
      podmanNetwork: true,
      bridge: true,
      gatewayAssigned: true,
      carrier: true,
      wrongSettings: [],
    }),
    volumes: bindFacet(createVolumesFacet({ podman })),
    secrets: still("secrets", { onTmpfs: true, byDeployment: new Map() }),
    firewall: still("firewall", { digest: "", listeners: [] }),
    containers: bindFacet(createContainersFacet({
      attended: {
        beforeStart: () => Promise.resolve(),
        started: () => undefined,
        cannotStart: () => undefined,
      },
      podman,
      podmanNetwork: "test",
      log: silentLog,
      monotonic: () => 0,
      files: {
        layOut: () => Promise.resolve(),
        source: () => "/nowhere",
        remove: () => Promise.resolve(),
        markHooks: (deployment, mark) => Promise.resolve(void marks.set(deployment, mark)),
        hookMark: (deployment) => Promise.resolve(marks.get(deployment) ?? null),
      },
      secretSource: () => "/nowhere",
      flushLogs: () => Promise.resolve(),
      unseal: () => new Uint8Array(),
      secretValue: () => "",
    })),
    names: still("names", {
      alive: true,
      digest: "",
      addresses: new Set(),
      withdrawnAt: new Map(),
      bindProblems: [],
    }),
    routes: still("routes", {
      alive: true,
      problem: null,
      digest: "",
      servers: new Set(),
      httpPort: 80,
      httpsPort: 443,
    }),
  };
}

/** Everything that runs is healthy at once. */
function healthOf(world: World | null): ReadonlyMap<DeploymentId, HealthSeen> {
  const seen = new Map<DeploymentId, HealthSeen>();
  for (const [id, container] of world?.seen.containers.byDeployment ?? []) {
    if (container.state !== "running") continue;
    seen.set(id, { health: "healthy", since: 0, failingStreak: 0, output: null });
  }
  return seen;
}

/** A loop over a fake Podman that can be waited for. */
function running(podman: FakePodman, facets: BoundFacets = facetsOver(podman), saveMs = 0) {
  const stop = new AbortController();
  const turns: Turn[] = [];
  let saved: ReadonlyMap<DeploymentId, DeploymentMemory> = new Map();
  let diskFull = false;
  let world: World | null = null;
  const loop = createLoop({
    facets,
    memory: {
      load: () => Promise.resolve(saved),
      async save(memory) {
        if (diskFull) throw new Error("No space left on device");
        if (saveMs > 0) await systemClock.sleep(saveMs);
        saved = memory;
      },
    },
    clock: systemClock,
    log: silentLog,
    onTurn: (turn) => turns.push(turn),
    surroundings: {
      health: () => healthOf(world),
      pulls: () => new Map(),
      connections: () => Promise.resolve(new Map()),
      prepare: () => Promise.resolve(),
      follow(next) {
        world = next;
      },
    },
  });
  const done = loop.run(stop.signal);
  return {
    loop,
    turns,
    memory: () => saved,
    fillDisk(full: boolean) {
      diskFull = full;
    },
    async until(holds: () => boolean | Promise<boolean>, what: string) {
      const end = performance.now() + 10_000;
      while (!await holds()) {
        assert.ok(performance.now() < end, `waited in vain: ${what}`);
        loop.poke();
        await systemClock.sleep(5);
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

function nodeWithImage(): { podman: FakePodman; imageId: string } {
  const podman = createFakePodman();
  return { podman, imageId: podman.control.addImage("test/image:1").id };
}

async function states(podman: FakePodman): Promise<Record<string, string>> {
  const seen = await podman.listContainers();
  return Object.fromEntries(seen.map(({ name, state }) => [name, state]));
}

const wantedOf = (imageId: string, name: string) =>
  testDeployment(name, { image: { reference: "test/image:1", digest: null, id: imageId } });

Deno.test("what is wanted comes to run; what is no longer wanted goes", async () => {
  const { podman, imageId } = nodeWithImage();
  await using node = running(podman);
  const web = wantedOf(imageId, "web");
  const db = wantedOf(imageId, "db");
  node.loop.setDesired(testDesired([web, db]));
  await node.until(async () => {
    const now = await states(podman);
    return now["test-web"] === "running" && now["test-db"] === "running";
  }, "both to run");
  node.loop.setDesired(testDesired([web, { ...db, want: "absent" }]));
  await node.until(async () => !("test-db" in await states(podman)), "db to go");
  assert.deepEqual(await states(podman), { "test-web": "running" });
  await node.until(() => node.turns.at(-1)?.state === "idle", "the loop to be idle");
});

Deno.test("on a full disk containers are still kept running; what was learnt is stored later", async () => {
  const { podman, imageId } = nodeWithImage();
  await using node = running(podman);
  node.fillDisk(true);
  const web = wantedOf(imageId, "web");
  node.loop.setDesired(testDesired([web]));
  await node.until(async () => (await states(podman))["test-web"] === "running", "web to run");
  assert.equal(node.memory().size, 0);
  node.fillDisk(false);
  await node.until(() => node.memory().get(web.id)?.wasHealthy === true, "its memory on disk");
});

Deno.test("a step that ends while the loop looks is not done again from what it saw", async () => {
  const { podman, imageId } = nodeWithImage();
  let creates = 0;
  let begun = () => {};
  const slow: FakePodman = {
    ...podman,
    async createContainer(request, signal) {
      creates += 1;
      begun();
      await systemClock.sleep(20);
      return await podman.createContainer(request, signal);
    },
  };
  const facets = facetsOver(slow);
  const { containers } = facets;
  await using node = running(slow, {
    ...facets,
    containers: {
      ...containers,
      async observe(desired, signal) {
        const seen = await containers.observe(desired, signal);
        if (creates > 0) await systemClock.sleep(60);
        return seen;
      },
    },
  });
  begun = () => node.loop.poke();
  node.loop.setDesired(testDesired([wantedOf(imageId, "web")]));
  await node.until(() => node.turns.at(-1)?.state === "idle", "the loop to be idle");
  assert.equal(creates, 1);
});

/** Its looks at containers hang while `closed`; `looks` counts those that ended. */
function gated(facets: BoundFacets) {
  const { containers } = facets;
  let open = Promise.withResolvers<void>();
  open.resolve();
  const gate = {
    looks: 0,
    close: () => void (open = Promise.withResolvers<void>()),
    open: () => open.resolve(),
    facets: {
      ...facets,
      containers: {
        ...containers,
        async observe(desired: Desired, signal: AbortSignal) {
          const seen = await containers.observe(desired, signal);
          if (gate.looks > 0) await open.promise;
          gate.looks += 1;
          return seen;
        },
      },
    } satisfies BoundFacets,
  };
  return gate;
}

Deno.test("of many starts each place is taken again at once, however long the next look takes", async () => {
  const { podman, imageId } = nodeWithImage();
  const gate = gated(facetsOver(podman));
  gate.close();
  await using node = running(podman, gate.facets);
  const names = ["aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii"];
  node.loop.setDesired(testDesired(names.map((name) => wantedOf(imageId, name))));
  try {
    await node.until(
      async () => Object.values(await states(podman)).join() === names.map(() => "running").join(),
      "all to run",
    );
    assert.equal(gate.looks, 1, "by the plan of one look");
  } finally {
    gate.open();
  }
  await node.until(() => node.turns.at(-1)?.state === "idle", "the loop to be idle");
  for (const name of names) assert.equal(podman.control.starts(`test-${name}`), 1, name);
});

Deno.test("a start that still waits for its place is forgotten when it is no longer wanted", async () => {
  const { podman, imageId } = nodeWithImage();
  const letGo = Promise.withResolvers<void>();
  const created: string[] = [];
  const slow: FakePodman = {
    ...podman,
    async createContainer(request, signal) {
      created.push(request.name);
      await letGo.promise;
      return await podman.createContainer(request, signal);
    },
  };
  await using node = running(slow);
  const wanted = ["aa", "bb", "cc", "dd", "ee"].map((name) => wantedOf(imageId, name));
  node.loop.setDesired(testDesired(wanted));
  await node.until(() => created.length === 4, "as many as begin at once");
  node.loop.setDesired(testDesired(wanted.slice(0, 4)));
  letGo.resolve();
  await node.until(() => node.turns.at(-1)?.state === "idle", "the loop to be idle");
  assert.deepEqual(Object.keys(await states(podman)).sort(), [
    "test-aa",
    "test-bb",
    "test-cc",
    "test-dd",
  ]);
  assert.equal(created.length, 4);
});

Deno.test("what dies is started again by the very look that finds it", async () => {
  const { podman, imageId } = nodeWithImage();
  let foundBy: number | null = null;
  let startedBy: number | null = null;
  let looks = 0;
  const facets = facetsOver({
    ...podman,
    startContainer(id, signal) {
      if (foundBy !== null) startedBy ??= looks;
      return podman.startContainer(id, signal);
    },
  });
  const { containers } = facets;
  await using node = running(podman, {
    ...facets,
    containers: {
      ...containers,
      async observe(desired, signal) {
        const seen = await containers.observe(desired, signal);
        // Looking takes its time: what is found is later than what began the look.
        await systemClock.sleep(20);
        looks += 1;
        const dead = [...seen.byDeployment.values()].some(({ state }) => state === "exited");
        if (dead) foundBy ??= looks;
        return seen;
      },
    },
  });
  node.loop.setDesired(testDesired([wantedOf(imageId, "web")]));
  await node.until(() => node.turns.at(-1)?.state === "idle", "the loop to be idle");
  podman.control.kill("test-web");
  await node.until(() => podman.control.starts("test-web") === 2, "web to be started again");
  assert.equal(startedBy, foundBy);
});

Deno.test("what dies is started again, at once the first time", async () => {
  const { podman, imageId } = nodeWithImage();
  await using node = running(podman);
  const web = wantedOf(imageId, "web");
  node.loop.setDesired(testDesired([web]));
  await node.until(async () => (await states(podman))["test-web"] === "running", "web to run");
  podman.control.kill("test-web");
  await node.until(() => podman.control.starts("test-web") === 2, "web to be started again");
  assert.equal(node.memory().get(web.id)?.restarts, 1, "and that is remembered on disk");
});

Deno.test("a container whose conmon is lost is made anew", async () => {
  const { podman, imageId } = nodeWithImage();
  await using node = running(podman);
  node.loop.setDesired(testDesired([wantedOf(imageId, "web")]));
  await node.until(async () => (await states(podman))["test-web"] === "running", "web to run");
  const [before] = await podman.listContainers();
  podman.control.loseConmon("test-web");
  await node.until(async () => {
    const [now] = await podman.listContainers();
    return now?.state === "running" && now.id !== before?.id;
  }, "another container to run");
});

Deno.test("an image that somebody removed by hand is waited for, and the one that comes is taken", async () => {
  const { podman } = nodeWithImage();
  await using node = running(podman);
  const image = { reference: "test/image:1", digest: null, id: null };
  const web = testDeployment("web", { image });
  node.loop.setDesired(testDesired([web]));
  await node.until(async () => (await states(podman))["test-web"] === "running", "web to run");
  podman.control.removeImage("test/image:1");
  const [first] = await podman.listContainers();
  await podman.removeContainer(first?.id ?? "");
  await node.until(() => {
    const outcome = node.turns.at(-1)?.world?.seen.containers.images;
    return outcome !== undefined && !outcome.has("test/image:1");
  }, "the image to be missed");
  const { id } = podman.control.addImage("test/image:1", { exposedPorts: [] });
  await node.until(async () => {
    const [now] = await podman.listContainers();
    return now?.state === "running" && now.imageId === id;
  }, "web to run again");
});

Deno.test("a step that fails is told as blocked with its reason, and the others go on", async () => {
  const { podman, imageId } = nodeWithImage();
  podman.control.fail("createContainer", new Error("no space left on device"));
  await using node = running(podman);
  const [first, second] = ["aa", "bb"].map((name) => wantedOf(imageId, name));
  assert.ok(first && second);
  node.loop.setDesired(testDesired([first, second]));
  await node.until(async () => Object.values(await states(podman)).length === 1, "one to run");
  await node.until(
    () =>
      node.turns.some(({ verdicts }) =>
        verdicts.some(({ kind, reason }) =>
          kind === "blocked" && reason.message.includes("no space left")
        )
      ),
    "the reason to be told",
  );
  await node.until(async () => Object.values(await states(podman)).length === 2, "both to run");
});

Deno.test("a Podman that does not answer is told, and nothing is done blindly", async () => {
  const { podman, imageId } = nodeWithImage();
  await using node = running(podman);
  const web = wantedOf(imageId, "web");
  node.loop.setDesired(testDesired([web]));
  await node.until(async () => (await states(podman))["test-web"] === "running", "web to run");
  podman.control.failAlways("listContainers");
  await node.until(
    () =>
      node.turns.at(-1)?.verdicts.some(({ facet, reason }) =>
        facet === "containers" && reason.code === "not_observed"
      ) === true,
    "the containers to be told as not observed",
  );
  podman.control.heal();
  await node.until(() => node.turns.at(-1)?.state === "idle", "the loop to be idle again");
  assert.equal(podman.control.starts("test-web"), 1);
});

Deno.test("volumes are there before the containers that mount them", async () => {
  const { podman, imageId } = nodeWithImage();
  await using node = running(podman);
  const spec = testSpec();
  const desired = testDesired([{ ...wantedOf(imageId, "db"), spec }]);
  const [section] = desired.containers;
  assert.ok(section);
  node.loop.setDesired({
    ...desired,
    volumes: [{
      capability: "volumes",
      project: section.project,
      projectName: section.projectName,
      volumes: [{
        id: VolumeId.parse(idText("vol", "data")),
        name: "data",
        generation: 1,
        engineName: "skerry-p-data",
        labels: {},
      }],
    }],
  });
  await node.until(async () => (await states(podman))["test-db"] === "running", "db to run");
  assert.deepEqual((await podman.listVolumes()).map(({ name }) => name), ["skerry-p-data"]);
});

Deno.test("a replacement that cannot even start is given up at its deadline, with the reason", async () => {
  const { podman, imageId } = nodeWithImage();
  await using node = running(podman);
  const old = wantedOf(imageId, "web/old");
  node.loop.setDesired(testDesired([old]));
  await node.until(async () => (await states(podman))["test-web-old"] === "running", "it to run");
  podman.control.failAlways("startContainer", new Error("no such command"));
  const fresh = {
    ...wantedOf(imageId, "web/new"),
    replaces: old.id,
    spec: testSpec({ deadlineMs: 50 }),
  };
  node.loop.setDesired(testDesired([{ ...old, want: "retire" }, fresh]));
  await node.until(() => Boolean(node.memory().get(fresh.id)?.gaveUp), "it to be given up");
  assert.match(node.memory().get(fresh.id)?.gaveUp?.reason.message ?? "", /no such command/);
  assert.equal((await states(podman))["test-web-old"], "running");
});

Deno.test("a step that succeeds without any effect starves nobody", async () => {
  const { podman, imageId } = nodeWithImage();
  let done = 0;
  const useless: BoundFacet<"firewall"> = {
    name: "firewall",
    observe: () => Promise.resolve({ digest: null, listeners: [] }),
    actions: () => [{
      facet: "firewall",
      subject: "firewall",
      verdict: {
        kind: "do",
        key: "useless",
        phase: "prepare",
        why: "",
        step: () => Promise.resolve(void done++),
      },
    }],
  };
  await using node = running(podman, { ...facetsOver(podman), firewall: useless });
  node.loop.setDesired(testDesired([wantedOf(imageId, "web")]));
  await node.until(async () => (await states(podman))["test-web"] === "running", "web to run");
  assert.ok(done < 5, `the useless step was done ${done} times`);
});

Deno.test("routes follow though names change at every look, as while many services start", async () => {
  const { podman, imageId } = nodeWithImage();
  const facets = facetsOver(podman);
  const published: string[] = [];
  let looks = 0;
  const publishing = <Name extends "names" | "routes">(name: Name): BoundFacet<Name> => ({
    ...facets[name],
    actions: () => [{
      facet: name,
      subject: name,
      verdict: {
        kind: "do",
        // Another one each time.
        key: `${name}/${looks++}`,
        phase: "publish",
        why: "",
        step: async () => {
          published.push(name);
          await systemClock.sleep(1);
        },
      },
    }],
  });
  await using node = running(podman, {
    ...facets,
    names: publishing("names"),
    routes: publishing("routes"),
  });
  node.loop.setDesired(testDesired([wantedOf(imageId, "web")]));
  await node.until(() => published.length >= 20, "twenty steps");
  const routes = published.filter((name) => name === "routes").length;
  assert.ok(routes >= 9 && routes <= 11, `routes ${routes} times among ${published}`);
  assert.equal(published[0], "names");
});

Deno.test("what is to be prepared for many takes one look, not one each", async () => {
  const { podman } = nodeWithImage();
  const facets = facetsOver(podman);
  let looks = 0;
  await using node = running(podman, {
    ...facets,
    containers: {
      ...facets.containers,
      observe(desired, signal) {
        looks += 1;
        return facets.containers.observe(desired, signal);
      },
    },
  });
  const [section] = testDesired([testDeployment("web")]).containers;
  assert.ok(section);
  const names = Array.from({ length: 40 }, (_, n) => `skerry-p-data${n}`);
  node.loop.setDesired({
    ...testDesired([]),
    volumes: [{
      capability: "volumes",
      project: section.project,
      projectName: section.projectName,
      volumes: names.map((engineName) => ({
        id: VolumeId.parse(idText("vol", engineName)),
        name: engineName,
        generation: 1,
        engineName,
        labels: {},
      })),
    }],
  });
  const end = performance.now() + 10_000;
  while ((await podman.listVolumes()).length < names.length && performance.now() < end) {
    await systemClock.sleep(5);
  }
  assert.equal((await podman.listVolumes()).length, names.length);
  assert.ok(looks < names.length / 4, `${looks} looks`);
});

Deno.test("a newer intent is not kept waiting by what the older one still has to prepare", async () => {
  const { podman, imageId } = nodeWithImage();
  const facets = facetsOver(podman);
  const first = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  let prepared = 0;
  let most = 10;
  const slow: BoundFacet<"firewall"> = {
    name: "firewall",
    observe: () => Promise.resolve({ digest: null, listeners: [] }),
    actions: () =>
      Array.from({ length: most }, (_, n) => ({
        facet: "firewall",
        subject: `part ${n}`,
        verdict: {
          kind: "do",
          key: `firewall/${n}`,
          phase: "prepare",
          why: "",
          step: async () => {
            prepared += 1;
            first.resolve();
            await go.promise;
          },
        },
      })),
  };
  await using node = running(podman, { ...facets, firewall: slow });
  node.loop.setDesired(testDesired([]));
  await first.promise;
  most = 0;
  node.loop.setDesired(testDesired([wantedOf(imageId, "web")]));
  go.resolve();
  await node.until(async () => (await states(podman))["test-web"] === "running", "web to run");
  assert.equal(prepared, 1);
});

Deno.test("what steps beside each other remember is all kept, on a slow disk too", async () => {
  const { podman, imageId } = nodeWithImage();
  await using node = running(podman, facetsOver(podman), 20);
  const wanted = ["aa", "bb", "cc"].map((name) => wantedOf(imageId, name));
  node.loop.setDesired(testDesired(wanted));
  await node.until(async () => Object.keys(await states(podman)).length === 3, "all to run");
  await node.until(() => node.turns.at(-1)?.state === "idle", "the loop to be idle");
  for (const { id } of wanted) assert.ok(node.memory().get(id)?.firstStartedAt);
});

const hook = (...command: string[]) => ({ command });

Deno.test("hooks: who waits for a start waits for what follows it; one start, one run; the last ones before the stop", async () => {
  const { podman, imageId } = nodeWithImage();
  const ran: string[] = [];
  podman.control.onExec((container, { command }) => {
    ran.push(`${container} ${command.join(" ")}`);
    return { exitCode: command[0] === "leave" ? 1 : 0 };
  });
  const spec = testSpec({
    hooks: {
      postStart: [hook("first"), hook("second")],
      preStop: [hook("leave", "1"), hook("never")],
    },
  });
  const web = { ...wantedOf(imageId, "web"), spec };
  const dependsOn = [{
    service: web.serviceName,
    condition: "service_started" as const,
    required: true,
  }];
  const later = { ...wantedOf(imageId, "later"), spec: testSpec({ dependsOn }) };
  await using node = running(podman);
  node.loop.setDesired(testDesired([web, later]));
  await node.until(async () => (await states(podman))["test-later"] === "running", "both to run");
  assert.deepEqual(ran, ["test-web first", "test-web second"]);
  podman.control.kill("test-web");
  await node.until(() => ran.length === 4, "the hooks of the second start");
  await node.until(() => node.turns.at(-1)?.state === "idle", "the loop to be idle");
  assert.equal(podman.control.starts("test-web"), 2);
  node.loop.setDesired(testDesired([{ ...web, want: "absent" }, later]));
  await node.until(async () => !("test-web" in await states(podman)), "web to go");
  assert.deepEqual(ran.slice(4), ["test-web leave 1"]);
});

Deno.test("a hook after the start that fails is a start that failed: it stops, and is told", async () => {
  const { podman, imageId } = nodeWithImage();
  let fails = true;
  podman.control.onExec(() => ({ exitCode: fails ? 7 : 0, stderr: "no disk\n" }));
  const spec = testSpec({ hooks: { postStart: [hook("mount-it")], preStop: [] } });
  const web = { ...wantedOf(imageId, "web"), spec };
  await using node = running(podman);
  node.loop.setDesired(testDesired([web]));
  await node.until(() => podman.control.starts("test-web") >= 2, "a second start");
  assert.ok(!node.memory().get(web.id)?.wasHealthy, "it never was ready");
  fails = false;
  await node.until(() => node.memory().get(web.id)?.wasHealthy === true, "it to be ready");
});
