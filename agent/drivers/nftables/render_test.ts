import assert from "node:assert/strict";
import fc from "fast-check";
import { sampleWanted } from "./nftables_contract.ts";
import { renderRemove, renderReplace, renderSeal } from "./render.ts";
import { anyWanted } from "./wanted_arbitrary.ts";

const golden = (name: string) => new URL(`./testdata/${name}`, import.meta.url);

/** `UPDATE_GOLDENS=1` writes what is rendered now; read the difference before it is committed. */
async function assertGolden(name: string, text: string): Promise<void> {
  if (Deno.env.get("UPDATE_GOLDENS") === "1") await Deno.writeTextFile(golden(name), text);
  assert.equal(text, await Deno.readTextFile(golden(name)));
}

Deno.test("a node with two projects' worth of networks and ports", async () => {
  await assertGolden("sample.nft", renderReplace(sampleWanted("skerry_main"), "d1", "name"));
});

Deno.test("a kernel that cannot tell bridges by name", async () => {
  const text = renderReplace(sampleWanted("skerry_main"), "d1", "addresses");
  await assertGolden("sample_by_addresses.nft", text);
});

Deno.test("a node without containers", async () => {
  const empty = { ...sampleWanted("skerry_main"), members: [], published: [], nodePorts: [] };
  await assertGolden("empty.nft", renderReplace(empty, "d1", "name"));
});

Deno.test("the order of what is wanted makes no difference", () => {
  fc.assert(fc.property(anyWanted(), (wanted) => {
    const turned = {
      ...wanted,
      members: wanted.members.toReversed(),
      published: wanted.published.toReversed(),
      nodePorts: wanted.nodePorts.toReversed(),
      fleetRanges: wanted.fleetRanges.toReversed(),
    };
    assert.equal(renderReplace(turned, "d", "name"), renderReplace(wanted, "d", "name"));
  }));
});

Deno.test("no network's name gets into the text", () => {
  fc.assert(fc.property(anyWanted(), (wanted) => {
    const text = renderReplace(wanted, "d", "name");
    assert.ok(!text.includes("evil") && !text.includes("flush") && !text.includes("p/net"));
    assert.match(text, /^[\w\s{}":;.,@!=&/<>*-]*$/);
  }));
});

Deno.test("what is no name, address, range, port, digest or seal is refused", () => {
  const wanted = sampleWanted("t");
  const refused = (change: Partial<typeof wanted>) =>
    assert.throws(() => renderReplace({ ...wanted, ...change }, "d", "name"), {
      code: "firewall_value",
    });
  refused({ table: "a b" });
  refused({ bridge: 'x"' });
  refused({ gateway: "10.0.0.256" });
  refused({ gateway: "010.0.0.1" });
  refused({ subnet: "10.0.0.0/33" });
  refused({ subnet: "10.0.0.0" });
  refused({ fleetRanges: ["10.0.0.0/8/8"] });
  refused({ members: [{ address: "::1", networks: [], external: true }] });
  refused({ published: wanted.published.map((port) => ({ ...port, hostPort: 1.5 })) });
  refused({ published: wanted.published.map((port) => ({ ...port, containerPort: 65_536 })) });
  for (const digest of ["", "D", 'x"', "a".repeat(101)]) {
    assert.throws(() => renderReplace(wanted, digest, "name"), { code: "firewall_value" });
  }
  assert.throws(() => renderSeal("t", "x"), { code: "firewall_value" });
  assert.throws(() => renderRemove("t\n"), { code: "firewall_value" });
});
