import assert from "node:assert/strict";
import process from "node:process";
import { SkerryError } from "../../../shared/errors.ts";
import { createEngine } from "./create_engine.ts";
import type { Engine, EngineSpec } from "./engine.ts";
import { linuxProcesses } from "./process.ts";

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function withFolder(
  work: (folder: string, spec: EngineSpec, engine: Engine) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "skerry-engine-" });
  const spec: EngineSpec = {
    name: "sleeper",
    program: "/bin/sleep",
    args: ["600"],
    env: { LANG: "C" },
    workingDir: `${folder}/cwd`,
    logFile: `${folder}/logs/sleeper.log`,
    stateFile: `${folder}/sleeper.json`,
  };
  const engine = createEngine({ stateFile: spec.stateFile });
  try {
    await work(folder, spec, engine);
  } finally {
    await engine.stop(1_000);
    await Deno.remove(folder, { recursive: true });
  }
}

function script(folder: string, text: string): string {
  const path = `${folder}/program.sh`;
  Deno.writeTextFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

function alive(pid: number): boolean {
  return linuxProcesses.stat(pid) !== null;
}

function runningPid(state: { kind: string; pid?: number }): number {
  assert.equal(state.kind, "running");
  assert.ok(state.pid);
  return state.pid;
}

Deno.test("starts in a session of its own, with a clean environment, and repeats do nothing", async () => {
  await withFolder(async (_, spec, engine) => {
    assert.deepEqual(await engine.state(), { kind: "absent" });
    const pid = runningPid(await engine.ensure(spec));
    assert.deepEqual(await engine.ensure(spec), { kind: "running", pid, adopted: false });
    assert.equal(linuxProcesses.stat(pid)?.session, pid);
    const names = linuxProcesses.environment(pid)?.map((entry) => entry.split("=")[0]).sort();
    assert.deepEqual(names, ["LANG", "SKERRY_ENGINE"]);
    const state = await Deno.stat(spec.stateFile);
    assert.equal((state.mode ?? 0) & 0o777, 0o600);
    await engine.stop(1_000);
    assert.equal(alive(pid), false);
    assert.deepEqual(await engine.state(), { kind: "absent" });
    await engine.stop(1_000);
  });
});

Deno.test("survives SIGKILL of the agent and is adopted by the next, pid kept", async () => {
  await withFolder(async (_, spec, engine) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        new URL("./starter_fixture.ts", import.meta.url).pathname,
        JSON.stringify(spec),
      ],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    const pid = runningPid(JSON.parse(first));
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    assert.ok(alive(pid));
    assert.deepEqual(await engine.state(), { kind: "running", pid, adopted: true });
    assert.deepEqual(await engine.ensure(spec), { kind: "running", pid, adopted: true });
  });
});

Deno.test("an agent that died before it wrote the record finds the engine by its mark", async () => {
  await withFolder(async (_, spec, engine) => {
    const pid = runningPid(await engine.ensure(spec));
    await Deno.remove(spec.stateFile);
    const next = createEngine({ stateFile: spec.stateFile });
    assert.deepEqual(await next.ensure(spec), { kind: "running", pid, adopted: true });
    await Deno.writeTextFile(spec.stateFile, "{ damaged");
    assert.deepEqual(await next.ensure(spec), { kind: "running", pid, adopted: true });
  });
});

Deno.test("other arguments, or another binary at the path, are outdated and left alone", async () => {
  await withFolder(async (folder, spec, engine) => {
    const copy = `${folder}/sleep`;
    await Deno.copyFile("/bin/sleep", copy);
    const own = { ...spec, program: copy };
    const pid = runningPid(await engine.ensure(own));
    const other = { ...own, args: ["601"] };
    assert.deepEqual(await engine.state(other), { kind: "outdated", pid });
    assert.deepEqual(await engine.ensure(other), { kind: "outdated", pid });
    assert.deepEqual(await engine.ensure(own), { kind: "running", pid, adopted: false });
    await Deno.copyFile("/bin/sleep", `${copy}.new`);
    await Deno.rename(`${copy}.new`, copy);
    assert.deepEqual(await engine.ensure(own), { kind: "outdated", pid });
    const fresh = createEngine({ stateFile: spec.stateFile });
    assert.deepEqual(await fresh.state(), { kind: "outdated", pid });
    assert.ok(alive(pid));
  });
});

Deno.test("a reused pid is never taken for the engine and never killed", async () => {
  await withFolder(async (_, spec, engine) => {
    const stranger = new Deno.Command("/bin/sleep", { args: ["600"], detached: true }).spawn();
    try {
      runningPid(await engine.ensure(spec));
      const record = JSON.parse(await Deno.readTextFile(spec.stateFile));
      await engine.stop(1_000);
      await Deno.writeTextFile(
        spec.stateFile,
        JSON.stringify({ ...record, pid: stranger.pid }),
      );
      assert.deepEqual(await engine.state(), { kind: "absent" });
      await engine.stop(0);
      assert.ok(alive(stranger.pid));
      const other = linuxProcesses.stat(stranger.pid);
      const changed = { ...record, pid: stranger.pid, startTime: other?.startTime };
      await Deno.writeTextFile(
        spec.stateFile,
        JSON.stringify({ ...changed, bootId: "another boot" }),
      );
      await engine.stop(0);
      await Deno.writeTextFile(spec.stateFile, JSON.stringify({ ...changed, exe: "/bin/other" }));
      await engine.stop(0);
      assert.ok(alive(stranger.pid));
    } finally {
      stranger.kill("SIGKILL");
      await stranger.status;
    }
  });
});

Deno.test("an engine that ended, or is a zombie, is absent and started again", async () => {
  await withFolder(async (_, spec, engine) => {
    const pid = runningPid(await engine.ensure(spec));
    process.kill(pid, "SIGKILL");
    await until("absent", async () => (await engine.state()).kind === "absent");
    const next = runningPid(await engine.ensure(spec));
    assert.notEqual(next, pid);
  });
});

Deno.test("stop kills the whole group where SIGTERM is ignored, and what a leader leaves behind", async () => {
  for (const trap of ["trap '' TERM", "trap 'exit 0' TERM"]) {
    await withFolder(async (folder, spec, engine) => {
      const program = script(
        folder,
        `${trap}; sh -c "trap '' TERM; while :; do sleep 1; done" & echo $!; while :; do sleep 0.05; done`,
      );
      const pid = runningPid(await engine.ensure({ ...spec, program, args: [] }));
      let childPid = 0;
      await until("the child's pid is logged", async () => {
        childPid = Number(await Deno.readTextFile(spec.logFile));
        return childPid > 0;
      });
      await engine.stop(300);
      assert.equal(alive(pid), false);
      await until("the child is gone", () => !alive(childPid));
    });
  }
});

Deno.test("a missing program and a program that is none are told with a way out", async () => {
  await withFolder(async (folder, spec, engine) => {
    await assert.rejects(
      engine.ensure({ ...spec, program: "/nowhere/traefik" }),
      (error) => error instanceof SkerryError && error.code === "engine_missing",
    );
    const junk = `${folder}/junk`;
    await Deno.writeTextFile(junk, "no program", { mode: 0o644 });
    await assert.rejects(
      engine.ensure({ ...spec, program: junk }),
      (error) => error instanceof SkerryError && error.code === "engine_start_failed",
    );
    assert.deepEqual(await engine.state(), { kind: "absent" });
  });
});

Deno.test("the log is bounded and its end kept, while the engine goes on writing to it", async () => {
  await withFolder(async (folder, spec) => {
    const engine = createEngine({ stateFile: spec.stateFile, logBytes: 10_000 });
    const program = script(folder, 'i=0; while :; do i=$((i+1)); echo "line $i"; done');
    try {
      await engine.ensure({ ...spec, program, args: [] });
      await until("the log was turned over twice", async () => {
        const before = await Deno.stat(spec.logFile);
        if (before.size > 10_000) await engine.state();
        const kept = await Deno.stat(`${spec.logFile}.1`).catch(() => null);
        return kept !== null && kept.size === 10_000;
      });
      await until("it goes on", async () => (await Deno.stat(spec.logFile)).size > 0);
    } finally {
      await engine.stop(200);
    }
  });
});
