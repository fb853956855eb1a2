import assert from "node:assert/strict";
import type { Clock } from "../../../shared/clock.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { EngineState } from "../../drivers/engine/engine.ts";
import { traefikFiles } from "../../drivers/traefik/files.ts";
import type { TraefikProblem, TraefikSeen } from "../../drivers/traefik/traefik.ts";
import { createRoutesFacet, type RoutesFacet } from "./facet.ts";
import { worldOf } from "./world_fixture.ts";

/** A proxy as the test says it is. */
interface Stage {
  state: EngineState;
  look: TraefikSeen;
  port: TraefikProblem | null;
  missing: SkerryError | null;
  monotonicMs: number;
  afterEnsure: EngineState;
  certFile: string;
  readonly calls: string[];
}

const LIVE: TraefikSeen = {
  answers: true,
  digest: "d",
  servers: ["10.0.0.1:80"],
  written: ["10.0.0.1:80"],
  certFile: "/leaf.pem",
};
const SILENT = { ...LIVE, answers: false, digest: null, servers: [], certFile: null };
const RUNNING = { kind: "running", pid: 7, adopted: true } as const;

async function withStage(work: (facet: RoutesFacet, stage: Stage) => Promise<void>) {
  const dir = await Deno.makeTempDir();
  const stage: Stage = {
    state: { kind: "absent" },
    look: SILENT,
    port: null,
    missing: null,
    monotonicMs: 0,
    afterEnsure: RUNNING,
    certFile: "/leaf.pem",
    calls: [],
  };
  try {
    await work(facetOn(stage, dir), stage);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function facetOn(stage: Stage, dir: string): RoutesFacet {
  const files = traefikFiles(dir);
  Deno.writeTextFileSync(files.logFile, '{"level":"error","message":"bind: permission denied"}\n');
  const clock: Clock = {
    now: () => 0,
    monotonic: () => stage.monotonicMs,
    sleep: () => Promise.resolve(),
  };
  const certificate = () => ({ certFile: stage.certFile, keyFile: "/leaf.key", caFile: "/ca.pem" });
  return createRoutesFacet({
    clock,
    ownNames: () => ["localhost"],
    engine: {
      state: () => Promise.resolve(stage.state),
      ensure: (spec) => {
        stage.calls.push(`ensure ${spec.name}`);
        stage.state = stage.afterEnsure;
        return Promise.resolve(stage.state);
      },
      stop: () => {
        stage.calls.push("stop");
        stage.state = { kind: "absent" };
        return Promise.resolve();
      },
    },
    certificates: {
      caFile: "/ca.pem",
      latest: () => Promise.resolve(null),
      current: () => Promise.resolve(certificate()),
      ensure: () => Promise.resolve({ ...certificate(), changed: false }),
    },
    traefik: {
      httpPort: 80,
      httpsPort: 443,
      files,
      launch: () => {
        if (stage.missing !== null) return Promise.reject(stage.missing);
        const { workingDir, logFile, stateFile } = files;
        const spec = { name: "traefik", program: "/t", args: [], env: {} };
        return Promise.resolve({ ...spec, workingDir, logFile, stateFile });
      },
      look: () => Promise.resolve(stage.look),
      portProblem: () => stage.port,
      publish: (config, pid) => {
        stage.calls.push(`publish to ${pid} with ${config.certificate?.certFile}`);
        return Promise.resolve();
      },
      boundAccessLog: () => Promise.resolve(),
    },
  });
}

const world = worldOf({ routes: [] });
const { signal } = new AbortController();

Deno.test("absent for no known reason, by a taken port, or for want of the program", async () => {
  await withStage(async (facet, stage) => {
    const observe = () => facet.observe(world.desired);
    assert.deepEqual([(await observe()).alive, (await observe()).problem], [false, null]);
    stage.port = { code: "port_taken", message: "nginx", remedy: "stop it" };
    assert.deepEqual((await observe()).problem, stage.port);
    await assert.rejects(facet.execute({ kind: "start" }, world, signal), { code: "port_taken" });
    assert.deepEqual(stage.calls, []);
    stage.missing = new SkerryError("traefik_missing", "no Traefik", "install it");
    assert.equal((await observe()).problem?.code, "traefik_missing");
  });
});

Deno.test("a port held by nobody who can be seen is waited for, and after a while told", async () => {
  await withStage(async (facet, stage) => {
    const codeNow = async () => (await facet.observe(world.desired)).problem?.code;
    stage.port = { code: "port_taken_unseen", message: "somebody", remedy: "stop it" };
    assert.equal(await codeNow(), "proxy_starting");
    stage.monotonicMs = 4_999;
    assert.equal(await codeNow(), "proxy_starting");
    stage.monotonicMs = 5_000;
    assert.equal(await codeNow(), "port_taken_unseen");
    stage.port = null;
    assert.equal(await codeNow(), undefined);
    stage.port = { code: "port_taken_unseen", message: "somebody", remedy: "stop it" };
    assert.equal(await codeNow(), "proxy_starting");
  });
});

Deno.test("a proxy that ends at its start says why, in its own words", async () => {
  await withStage(async (facet, stage) => {
    stage.afterEnsure = { kind: "absent" };
    await facet.execute({ kind: "start" }, world, signal);
    const { problem } = await facet.observe(world.desired);
    assert.equal(problem?.code, "proxy_failed");
    assert.match(problem?.message ?? "", /bind: permission denied/);
  });
});

Deno.test("a running proxy that is silent is starting, and after a while hangs and is restarted", async () => {
  await withStage(async (facet, stage) => {
    const codeNow = async () => (await facet.observe(world.desired)).problem?.code;
    stage.state = RUNNING;
    assert.equal(await codeNow(), "proxy_starting");
    stage.monotonicMs = 20_001;
    assert.equal(await codeNow(), "proxy_hung");
    stage.look = LIVE;
    assert.equal(await codeNow(), undefined);
    stage.look = SILENT;
    assert.equal(await codeNow(), "proxy_starting");
    await facet.execute({ kind: "restart" }, world, signal);
    assert.deepEqual(stage.calls, ["stop", "ensure traefik"]);
  });
});

Deno.test("a live configuration counts only with the certificate of now", async () => {
  await withStage(async (facet, stage) => {
    stage.state = RUNNING;
    stage.look = LIVE;
    const seen = await facet.observe(world.desired);
    assert.deepEqual([seen.alive, seen.digest, [...seen.servers]], [true, "d", ["10.0.0.1:80"]]);
    stage.certFile = "/renewed.pem";
    const due = await facet.observe(world.desired);
    assert.deepEqual([due.digest, [...due.servers]], [null, ["10.0.0.1:80"]]);
    await facet.execute({ kind: "publish", digest: "d", routes: [] }, world, signal);
    assert.deepEqual(stage.calls, ["publish to 7 with /renewed.pem"]);
  });
});

Deno.test("one that was started otherwise is outdated, and serves until it is restarted", async () => {
  await withStage(async (facet, stage) => {
    stage.state = { kind: "outdated", pid: 7 };
    stage.look = LIVE;
    const seen = await facet.observe(world.desired);
    assert.deepEqual([seen.alive, seen.problem?.code], [true, "proxy_outdated"]);
  });
});
