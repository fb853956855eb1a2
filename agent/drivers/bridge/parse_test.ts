import assert from "node:assert/strict";
import { parseLinks } from "./parse.ts";

Deno.test("a bridge, a port of it and what a filter hides", () => {
  const output = JSON.stringify([
    {
      ifname: "sk-main",
      flags: ["BROADCAST", "UP", "LOWER_UP"],
      address: "02:73:0a:d7:00:01",
      linkinfo: { info_kind: "bridge" },
      addr_info: [
        { family: "inet", local: "10.215.0.1", prefixlen: 24 },
        { family: "inet6", local: "fe80::1", prefixlen: 64 },
      ],
    },
    {
      ifname: "veth0",
      flags: ["UP"],
      master: "sk-main",
      linkinfo: {
        info_kind: "veth",
        info_slave_data: { hairpin: true },
      },
    },
    {},
  ]);
  assert.deepEqual(parseLinks(output), [
    {
      name: "sk-main",
      kind: "bridge",
      up: true,
      carrier: true,
      mac: "02:73:0a:d7:00:01",
      master: null,
      hairpin: false,
      addresses: ["10.215.0.1/24"],
    },
    {
      name: "veth0",
      kind: "veth",
      up: true,
      carrier: false,
      mac: null,
      master: "sk-main",
      hairpin: true,
      addresses: [],
    },
  ]);
  assert.deepEqual(parseLinks(""), []);
});

Deno.test("what is no list of interfaces is an error that names the program", () => {
  for (const output of ["{", "{}", '[{"ifname":1}]']) {
    assert.throws(() => parseLinks(output), { code: "ip_output" });
  }
});
