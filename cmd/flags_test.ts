import assert from "node:assert/strict";
import { Command } from "commander";
import {
  addFlags,
  agentOptions,
  controlOptions,
  homeFrom,
  nameFromHost,
  upOptions,
} from "./flags.ts";
import { homeLayout } from "../shared/home.ts";
import { UsageError } from "./usage_error.ts";

const layout = homeLayout("/x/home");
const plain = { flags: {}, env: {}, hostname: "Box_1.plant.example" };

Deno.test("defaults are those that help names", () => {
  assert.deepEqual(upOptions(layout, plain), {
    layout,
    listen: { hostname: "0.0.0.0", port: 7443 },
    httpPort: 80,
    httpsPort: 443,
    dnsPort: 7453,
    containerCidr: "10.200.0.0/16",
    meshCidr: "10.100.0.0/16",
    zone: "internal",
    name: "box-1",
    insecureRegistries: [],
    disk: { budgetBytes: null, highPercent: 85, lowPercent: 80 },
    imageKeepMs: 86_400_000,
    metricsBudgetBytes: 48 * 1024 ** 2,
    logLevel: "info",
  });
});

Deno.test("a flag wins over its variable, a variable over the default", () => {
  const env = { SKERRY_HTTP_PORT: "8080", SKERRY_DNS_PORT: "5300", SKERRY_ZONE: "" };
  const options = upOptions(layout, { ...plain, env, flags: { httpPort: "9090" } });
  assert.equal(options.httpPort, 9090);
  assert.equal(options.dnsPort, 5300);
  assert.equal(options.zone, "internal");
});

Deno.test("a value that does not fit is named with its flag or variable", () => {
  const cases: [Record<string, string>, Record<string, string>, RegExp][] = [
    [{ httpPort: "0" }, {}, /^--http-port: "0"/],
    [{ httpPort: "80a" }, {}, /^--http-port: "80a"/],
    [{}, { SKERRY_HTTPS_PORT: "65536" }, /^SKERRY_HTTPS_PORT: "65536"/],
    [{ listen: "7443" }, {}, /^--listen: "7443"/],
    [{ listen: "1.2.3.4:99999" }, {}, /^--listen/],
    [{ containerCidr: "10.200.3.0/16" }, {}, /^--container-cidr/],
    [{ containerCidr: "10.200.0.0" }, {}, /^--container-cidr/],
    [{ meshCidr: "10.0.0.0/30" }, {}, /^--mesh-cidr/],
    [{ meshCidr: "10.200.4.0/24" }, {}, /overlap/],
    [{ zone: "Plant" }, {}, /^--zone/],
    [{ zone: "a..b" }, {}, /^--zone/],
    [{ name: "a b" }, {}, /^--name/],
    [{ insecureRegistry: "lan:5000,http://lan" }, {}, /^--insecure-registry/],
    [{}, { SKERRY_INSECURE_REGISTRIES: "a b" }, /^SKERRY_INSECURE_REGISTRIES/],
    [{ diskBudget: "8" }, {}, /^--disk-budget: "8"/],
    [{ diskBudget: "much" }, {}, /^--disk-budget/],
    [{}, { SKERRY_DISK_HIGH: "100" }, /^SKERRY_DISK_HIGH/],
    [{ diskHigh: "70" }, {}, /^--disk-low 80 is not below --disk-high 70/],
    [{ imageKeep: "1" }, {}, /^--image-keep/],
    [{ metricsBudget: "1KiB" }, {}, /^--metrics-budget/],
    [{ metricsBudget: "none" }, {}, /^--metrics-budget/],
    [{ logLevel: "loud" }, {}, /^--log-level/],
    [{ httpPort: "443" }, {}, /both 443/],
  ];
  for (const [flags, env, message] of cases) {
    assert.throws(
      () => upOptions(layout, { ...plain, flags, env }),
      (thrown) => thrown instanceof UsageError && message.test(thrown.message),
      JSON.stringify({ flags, env }),
    );
  }
});

Deno.test("insecure registries are a flag for each, or a list in the variable", () => {
  let found: readonly string[] = [];
  const command = addFlags(new Command(), "agent").action((flags) => {
    found = agentOptions(layout, { ...plain, flags }).insecureRegistries;
  });
  command.parse(["--insecure-registry", "a:5000", "--insecure-registry", "b.lan"], {
    from: "user",
  });
  assert.deepEqual(found, ["a:5000", "b.lan"]);
  const env = { SKERRY_INSECURE_REGISTRIES: "a:5000, b.lan" };
  assert.deepEqual(agentOptions(layout, { ...plain, env }).insecureRegistries, found);
});

Deno.test("a misplaced range says where it begins", () => {
  assert.throws(
    () => controlOptions(layout, { ...plain, flags: { containerCidr: "10.201.7.9/20" } }),
    (thrown) => thrown instanceof UsageError && thrown.remedy?.includes("10.201.0.0/20") === true,
  );
});

Deno.test("listen takes IPv6 in brackets and an empty address as all", () => {
  const of = (listen: string) => controlOptions(layout, { ...plain, flags: { listen } }).listen;
  assert.deepEqual(of("[::1]:7000"), { hostname: "::1", port: 7000 });
  assert.deepEqual(of(":7000"), { hostname: "0.0.0.0", port: 7000 });
});

Deno.test("a host's name becomes a node's name", () => {
  assert.equal(nameFromHost("--Ä.x"), "node");
  assert.equal(nameFromHost("a".repeat(80)).length, 63);
  assert.equal(agentOptions(layout, { ...plain, hostname: "" }).name, "node");
});

Deno.test("the home resolves against the caller's folder", () => {
  assert.equal(homeFrom("h", {}, "/a/b").home, "/a/b/h");
  assert.equal(homeFrom(undefined, { SKERRY_HOME: "../h" }, "/a/b").home, "/a/h");
  assert.equal(homeFrom(undefined, {}, "/a/b").home, "/var/lib/skerry");
  assert.throws(() => homeFrom("a\nb", {}, "/"), UsageError);
});

Deno.test("a budget is written as people write sizes", () => {
  const cases: [string, number | null][] = [
    ["none", null],
    ["8GiB", 8 * 1024 ** 3],
    ["8Gi", 8 * 1024 ** 3],
    ["1.5 GB", 1.5e9],
    ["100000000", 1e8],
  ];
  for (const [diskBudget, bytes] of cases) {
    assert.equal(agentOptions(layout, { ...plain, flags: { diskBudget } }).disk.budgetBytes, bytes);
  }
});
