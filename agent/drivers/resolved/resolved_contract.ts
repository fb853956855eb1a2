/** What every {@link Resolved} keeps: run over the fake and over systemd-resolved itself. */
import assert from "node:assert/strict";
import type { Resolved, ResolvedWanted } from "./driver.ts";

export const WANTED: ResolvedWanted = { link: "sk-sample-r", zone: "internal", port: 7453 };

/** A host with a systemd-resolved that does not run yet, and other hands on it. */
export interface ResolvedHost {
  readonly resolved: Resolved;
  start(): Promise<void>;
  /** @param keep what it remembers of links for its next start */
  stop(keep?: boolean): Promise<void>;
  vanish(link: string): Promise<void>;
  revert(link: string): Promise<void>;
  close(): Promise<void>;
}

/** Registers the suite's tests. */
export function resolvedContract(kind: string, open: () => Promise<ResolvedHost>): void {
  const check = (name: string, body: (host: ResolvedHost) => Promise<void>) =>
    Deno.test(`resolved ${kind}: ${name}`, async () => {
      const host = await open();
      try {
        await body(host);
      } finally {
        await host.close();
      }
    });
  const led = { running: true, led: true };

  check("where it does not run this is seen, also after it ended", async (host) => {
    assert.deepEqual(await host.resolved.observe(WANTED), { running: false });
    await host.start();
    assert.deepEqual(await host.resolved.observe(WANTED), { running: true, led: false });
    await host.stop();
    assert.deepEqual(await host.resolved.observe(WANTED), { running: false });
  });

  check(
    "it leads after ensure, which may be repeated; another zone or port follows",
    async (host) => {
      await host.start();
      await host.resolved.ensure(WANTED);
      assert.deepEqual(await host.resolved.observe(WANTED), led);
      await host.resolved.ensure(WANTED);
      assert.deepEqual(await host.resolved.observe(WANTED), led);
      const other = { ...WANTED, zone: "plant.example", port: 7454 };
      assert.deepEqual(await host.resolved.observe(other), { running: true, led: false });
      await host.resolved.ensure(other);
      assert.deepEqual(await host.resolved.observe(other), led);
    },
  );

  check("what another hand takes away is seen and told again", async (host) => {
    await host.start();
    await host.resolved.ensure(WANTED);
    await host.vanish(WANTED.link);
    assert.deepEqual(await host.resolved.observe(WANTED), { running: true, led: false });
    await host.resolved.ensure(WANTED);
    await host.revert(WANTED.link);
    assert.deepEqual(await host.resolved.observe(WANTED), { running: true, led: false });
    await host.resolved.ensure(WANTED);
    assert.deepEqual(await host.resolved.observe(WANTED), led);
  });

  check("a new start of it that forgot everything is seen and told again", async (host) => {
    await host.start();
    await host.resolved.ensure(WANTED);
    await host.stop(false);
    await host.start();
    assert.deepEqual(await host.resolved.observe(WANTED), { running: true, led: false });
    await host.resolved.ensure(WANTED);
    assert.deepEqual(await host.resolved.observe(WANTED), led);
  });

  check("removal undoes it and may be repeated, also while it does not run", async (host) => {
    await host.start();
    await host.resolved.ensure(WANTED);
    await host.resolved.remove(WANTED.link);
    assert.deepEqual(await host.resolved.observe(WANTED), { running: true, led: false });
    await host.resolved.ensure(WANTED);
    await host.stop();
    await host.resolved.remove(WANTED.link);
    await host.resolved.remove(WANTED.link);
    await host.start();
    assert.deepEqual(await host.resolved.observe(WANTED), { running: true, led: false });
  });
}
