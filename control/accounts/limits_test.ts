import assert from "node:assert/strict";
import fc from "fast-check";
import { createFakeClock } from "../testing/fake_clock.ts";
import { createHarness } from "../testing/harness.ts";
import { ask, createPerson, jsonInit, logIn, PASSWORD } from "../testing/people.ts";
import { networkOf } from "../../shared/network_of.ts";
import { createLoginLimits, TooMany } from "./limits.ts";

/** The seconds to wait, or 0 where the attempt was taken, and failed. */
function fail(limits: ReturnType<typeof createLoginLimits>, account: string, address: string) {
  try {
    using attempt = limits.begin(account, address);
    attempt.failed();
    return 0;
  } catch (thrown) {
    assert.ok(thrown instanceof TooMany);
    return thrown.retryAfterSeconds;
  }
}

Deno.test("who fails at an account waits longer and longer, and others do not", () => {
  const clock = createFakeClock();
  const limits = createLoginLimits(clock);
  const waits: number[] = [];
  for (let n = 0; n < 40; n++) {
    const wait = fail(limits, "ada", "192.0.2.1");
    if (wait > 0) waits.push(wait);
    clock.advance(wait * 1000);
  }
  assert.deepEqual(waits.slice(0, 6), [1, 2, 4, 8, 16, 32]);
  assert.equal(Math.max(...waits), 900);
  assert.equal(fail(limits, "bob", "192.0.2.1"), 0);
  assert.equal(fail(limits, "ada", "192.0.2.2"), 0, "the slow pace is over meanwhile");
  clock.advance(3_700_000);
  assert.equal(fail(limits, "ada", "192.0.2.1"), 0, "all is forgotten after an hour");
});

Deno.test("failures from everywhere slow strangers down, not those who logged in from there before", () => {
  const clock = createFakeClock();
  const limits = createLoginLimits(clock);
  {
    using attempt = limits.begin("ada", "198.51.100.9");
    attempt.succeeded();
  }
  for (let n = 0; n < 40; n++) fail(limits, "ada", `10.0.0.${n}`);
  assert.ok(fail(limits, "ada", "10.0.1.1") > 0);
  limits.begin("ada", "198.51.100.9")[Symbol.dispose]();
  limits.begin("ada", "203.0.113.5", true)[Symbol.dispose]();
});

Deno.test("an address has so many tries, two at once, and gets one more in time", () => {
  const clock = createFakeClock();
  const limits = createLoginLimits(clock);
  const one = limits.begin("a", "192.0.2.1");
  const two = limits.begin("b", "192.0.2.1");
  assert.throws(() => limits.begin("c", "192.0.2.1"), TooMany);
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  two[Symbol.dispose]();
  let taken = 0;
  for (let n = 0; n < 100; n++) if (fail(limits, `account-${n}`, "192.0.2.1") === 0) taken++;
  assert.equal(taken, 18);
  clock.advance(3_000);
  assert.equal(fail(limits, "another", "192.0.2.1"), 0);
  assert.equal(fail(limits, "another", "192.0.2.1"), 3);
});

Deno.test("addresses are kept by network; nothing that is sent makes it fail", () => {
  assert.equal(networkOf(null), "local");
  assert.equal(networkOf("192.0.2.1"), "192.0.2.1");
  assert.equal(networkOf("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(networkOf("2001:db8:1:2:3:4:5:6"), "2001:0db8:0001:0002::/64");
  assert.equal(networkOf("2001:DB8:1:2::9"), networkOf("2001:db8:1:2:ffff::1"));
  assert.notEqual(networkOf("2001:db8:1:3::9"), networkOf("2001:db8:1:2::9"));
  assert.equal(networkOf("::1"), "0000:0000:0000:0000::/64");
  assert.equal(networkOf("fe80::1%eth0"), "fe80:0000:0000:0000::/64");
  fc.assert(fc.property(fc.ipV6(), (address) => {
    assert.match(networkOf(address), /^([0-9a-f]{4}:){4}:\/64$|^\d+\.\d+\.\d+\.\d+$/);
  }));
  fc.assert(fc.property(fc.string(), (address) => void networkOf(address)));
});

Deno.test("a hundred log-ins a second from one place: few are worked on, and the administrator gets in from another", async () => {
  await using h = await createHarness();
  await createPerson(h, "ada", [{ role: "admin", project: null }]);
  const tries = Array.from({ length: 200 }, async () => {
    const init = jsonInit("POST", { name: "ada", password: "not the password" });
    const response = await ask(h.app, "/api/v1/login", init, { address: "203.0.113.66" });
    await response.body?.cancel();
    return { status: response.status, retryAfter: response.headers.get("retry-after") };
  });
  assert.match(await logIn(h.app, "ada"), /^__Host-skerry=/);
  const answers = await Promise.all(tries);
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length >= 180, `${refused.length}`);
  assert.ok(refused.every(({ retryAfter }) => Number(retryAfter) >= 1));
  const lines = (await h.api.changes({ limit: 500 }))
    .filter(({ action }) => action === "account.login_failed");
  assert.ok(lines.length > 0 && lines.length < 10, `${lines.length}`);
});

Deno.test("log-ins from everywhere at once: some are told to come again, and nothing stays stuck", async () => {
  await using h = await createHarness();
  await createPerson(h, "ada", [{ role: "admin", project: null }]);
  const statuses = await Promise.all(Array.from({ length: 300 }, async (_, n) => {
    const init = jsonInit("POST", { name: `nobody-${n}`, password: PASSWORD });
    const address = `10.${n >> 8}.${n & 255}.1`;
    const response = await ask(h.app, "/api/v1/login", init, { address });
    await response.body?.cancel();
    return response.status;
  }));
  assert.ok(statuses.includes(503));
  assert.ok(statuses.every((status) => status === 401 || status === 503));
  assert.match(await logIn(h.app, "ada"), /^__Host-skerry=/);
  const lines = (await h.api.changes({ limit: 1000 }))
    .filter(({ action }) => action === "account.login_failed");
  assert.ok(lines.length <= 60, `${lines.length}`);
});
