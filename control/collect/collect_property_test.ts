/** Whatever was applied, failed, deleted and collected before: nothing that is needed ever goes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ReleaseRequest } from "../../shared/api/release.ts";
import { silentLog } from "../../shared/log.ts";
import { type Sha256, sha256 } from "../../shared/model/hash.ts";
import { openDatabase } from "../../shared/sqlite/database.ts";
import { createBlobStore } from "../blobs/store.ts";
import { createStore } from "../store/store.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { collect, type Collected, LEAST_AGE_MS } from "./collect.ts";

const PROJECTS = ["shop", "wiki"] as const;
type ProjectName = (typeof PROJECTS)[number];

type Op =
  | { readonly kind: "apply"; readonly to: ProjectName; readonly n: number; readonly good: boolean }
  | { readonly kind: "delete"; readonly to: ProjectName }
  | { readonly kind: "collect" }
  /** It ends where the nth file is to go; 0: before what is forgotten is committed. */
  | { readonly kind: "cut"; readonly after: number };

/** What was made of a project, the newest first; content null: deleted. */
type History = { readonly content: number | null; readonly good: boolean }[];

/** Few, so that most of what is tried is beyond them. */
const KEEP = 2;
const content = (n: number) => `content ${n}`;
/** What stands in the compose file itself. */
const inline = (n: number) => `inline ${n}`;
const filesOf = (n: number) => [sha256(content(n)), sha256(inline(n))];
const LAST = 30;
const FILES = new Set(Array.from({ length: LAST + 1 }, (_, n) => filesOf(n)).flat().map(String));
const image = (n: number) => `docker.io/library/web:${n}`;

/** Each content has a file and an image of its own. */
function request(project: ProjectName, n: number): ReleaseRequest {
  const source = `/srv/${project}/a.conf`;
  const bind = { type: "bind" as const, source, target: "/a", read_only: true };
  const configs = [{ source: "motd", target: "/motd" }];
  const model = testModel(
    project,
    { web: testService({ image: image(n), volumes: [bind], configs }) },
    { configs: { motd: { name: `${project}_motd`, content: inline(n) } } },
  );
  const { compose } = testRequest(model).parts;
  if (compose === undefined) throw new Error("a request without its part");
  const file = { kind: "file" as const, sha256: sha256(content(n)), mode: 0o644 };
  return { parts: { compose: { ...compose, files: { [source]: file } } } };
}

/** The current one, the newest good one, and what one goes back to from the current content. */
function needed(history: History): number[] {
  const others = history.filter((each) => each.content !== history[0]?.content);
  const isGood = (each: History[number]) => each.good && each.content !== null;
  return [history[0], history.find(isGood), others[0], others.find(isGood)]
    .flatMap((each) => each?.content ?? []);
}

class World {
  readonly #histories = new Map<ProjectName, History>(PROJECTS.map((name) => [name, []]));

  constructor(private readonly h: Harness) {}

  async apply({ to, n, good }: Op & { kind: "apply" }): Promise<void> {
    const { api, agent } = this.h;
    const { missingBlobs } = await api.plan(to, request(to, n));
    for (const name of missingBlobs) {
      await api.putBlob(name, new TextEncoder().encode(content(n)));
    }
    agent.fates.set("web", good ? "runs" : "fails");
    const before = this.#histories.get(to) ?? [];
    const { id } = await api.createRelease(to, request(to, n));
    await agent.settle();
    agent.fates.set("web", "runs");
    await agent.settle();
    const { state } = await api.release(id);
    this.#histories.set(to, [{ content: n, good: state === "done" }, ...before]);
  }

  async delete(to: ProjectName): Promise<void> {
    const before = this.#histories.get(to) ?? [];
    if (before.length === 0) return;
    await this.h.api.createRelease(to, { parts: {} });
    await this.h.agent.settle();
    this.#histories.set(to, [{ content: null, good: true }, ...before]);
  }

  /** All that is there was sent long ago. */
  age(): void {
    for (const { name } of Deno.readDirSync(`${this.h.folder}/blobs`)) {
      Deno.utimeSync(`${this.h.folder}/blobs/${name}`, 0, 0);
    }
    this.h.clock.advance(LEAST_AGE_MS + 1);
  }

  /** @param after see {@link Op}. Null: it was cut short */
  collect(after = Number.POSITIVE_INFINITY): Collected | null {
    const { folder, keys, clock } = this.h;
    const database = openDatabase(`${folder}/control.db`);
    try {
      const store = createStore(database, () => undefined);
      const blobs = createBlobStore(`${folder}/blobs`);
      const cut = new Error("cut");
      let left = after;
      const context = {
        store: {
          ...store,
          forgetting: {
            ...store.forgetting,
            orphans(before: number) {
              store.forgetting.orphans(before);
              if (after === 0) throw cut;
            },
          },
        },
        blobs: {
          ...blobs,
          remove(name: Sha256) {
            if (--left < 0) throw cut;
            blobs.remove(name);
          },
        },
        keys,
        clock,
        log: silentLog,
      };
      try {
        return collect(context, KEEP);
      } catch (thrown) {
        if (thrown !== cut) throw thrown;
        return null;
      }
    } finally {
      database.close();
    }
  }

  here(): Set<string> {
    return new Set([...Deno.readDirSync(`${this.h.folder}/blobs`)].map(({ name }) => name));
  }

  async check(): Promise<void> {
    const here = this.here();
    await this.h.agent.fetch();
    for (const [project, history] of this.#histories) {
      const kept = new Set(
        this.h.agent.sections().flatMap((each) =>
          each.capability === "images" ? each.kept.map(({ reference }) => reference) : []
        ),
      );
      for (const n of needed(history)) {
        const missing = filesOf(n).filter((name) => !here.has(name));
        assert.deepEqual(missing, [], `${project} needs the files of ${n}`);
        // A deleted project is on no node, and holds no image there.
        if (history[0]?.content != null) assert.ok(kept.has(image(n)), `${project}: image ${n}`);
      }
    }
    for (const deployment of this.h.agent.deployments()) {
      for (const [name] of JSON.stringify(deployment.spec).matchAll(/[0-9a-f]{64}/g)) {
        const isFile = FILES.has(name);
        assert.ok(here.has(name) || !isFile, `${deployment.serviceName} runs with ${name}`);
      }
    }
  }

  /** Nothing stays that none of the releases needs: each with the one that it took over from. */
  checkTight(): void {
    const may = new Set<string>(
      [...this.#histories.values()].flatMap((history) =>
        [
          ...needed(history),
          ...history.slice(0, KEEP).flatMap((each) => each.content ?? []),
          ...history.flatMap((each, index) =>
            index <= KEEP || needed(history).includes(each.content ?? -1)
              ? before(history, index)
              : []
          ),
        ].flatMap(filesOf).map(String)
      ),
    );
    for (const name of this.here()) assert.ok(may.has(name), `${name} stays for nobody`);
  }
}

/** What a release may have taken over from: the newest good one before it, and all tried since. */
function before(history: History, index: number): number[] {
  const older = history.slice(index);
  const good = older.findIndex((each, at) => at > 0 && each.good && each.content !== null);
  return older.slice(0, good < 0 ? older.length : good + 1).flatMap((each) => each.content ?? []);
}

const to = fc.constantFrom(...PROJECTS);
// Contents come again, as where somebody goes back by applying an older file.
const applying = fc.record({
  kind: fc.constant("apply" as const),
  to,
  n: fc.nat({ max: LAST }),
  // Mostly bad, so that the last good one is often older than all that are kept by count.
  good: fc.nat({ max: 5 }).map((n) => n === 0),
});
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 12, arbitrary: applying },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), to }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("collect" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("cut" as const), after: fc.nat({ max: 3 }) }),
  },
);

Deno.test("whatever happens and wherever collecting is cut short, nothing needed goes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 12, maxLength: 30, size: "max" }), async (ops) => {
      await using h = await createHarness({ database: "control.db" });
      const world = new World(h);
      for (const each of ops) {
        h.clock.advance(1_000);
        switch (each.kind) {
          case "apply":
            await world.apply(each);
            break;
          case "delete":
            await world.delete(each.to);
            break;
          case "collect":
            world.age();
            world.collect();
            await world.check();
            break;
          case "cut":
            world.age();
            world.collect(each.after);
            await world.check();
        }
      }
      world.age();
      world.collect();
      await world.check();
      world.checkTight();
      assert.deepEqual(world.collect(), { releases: 0, files: 0, freedBytes: 0 });
    }),
    { numRuns: 4 },
  );
});
