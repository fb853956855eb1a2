import assert from "node:assert/strict";
import { homeLayout } from "../../../shared/home.ts";
import { type FindDeps, findPodman, type PodmanParts } from "./find_podman.ts";
import { assertGolden } from "./golden.ts";
import {
  hostProxyEnv,
  podmanDriverOptions,
  podmanEngineSpec,
  registriesConfPath,
  renderServiceFiles,
  writeRegistriesConf,
} from "./service.ts";
import { parseUlimits } from "./service_files.ts";

const parts: PodmanParts = {
  podman: "/usr/bin/podman",
  conmon: "/usr/bin/conmon",
  netavark: "/usr/lib/podman/netavark",
  runtime: "/usr/bin/crun",
  iptables: "/usr/sbin/iptables",
  init: "/usr/libexec/podman/catatonit",
  cgroups: "unified",
  systemd: true,
};
const ulimits = { nofile: 1_048_576, nproc: 32_768 };
const home = homeLayout("/var/lib/skerry");

Deno.test("the service's files and arguments", () => {
  const options = { parts, ulimits, insecureRegistries: ["registry.lan:5000"] };
  const files = [...renderServiceFiles(home, options)];
  const text = files.map(([path, content]) => `=== ${path}\n${content}`).join("");
  const spec = podmanEngineSpec(home, options);
  assertGolden("service.txt", `${text}=== engine\n${JSON.stringify(spec, null, 2)}\n`);
  assert.equal(podmanDriverOptions(home, options).exitsDir, "/run/skerry/podman/tmp/exits");
});

Deno.test("another configuration is another engine; the same one is the same", () => {
  const spec = (nofile: number) =>
    podmanEngineSpec(home, { parts, ulimits: { ...ulimits, nofile }, insecureRegistries: [] });
  assert.deepEqual(spec(1), spec(1));
  assert.notDeepEqual(spec(1).env, spec(2).env);
});

Deno.test("what is said of registries is written beside, and makes no other engine", async () => {
  const folder = await Deno.makeTempDir({ prefix: "skerry-service-" });
  try {
    const own = homeLayout(folder);
    const base = { parts, ulimits, insecureRegistries: ["old.lan"] };
    const registries = () => [{ host: "a.lan", plainHttp: true, mirrors: [], login: null }];
    const options = { ...base, registries };
    assert.deepEqual(podmanEngineSpec(own, options), podmanEngineSpec(own, base));
    assert.equal(await writeRegistriesConf(own, options), true);
    assert.equal(await writeRegistriesConf(own, options), false);
    const text = await Deno.readTextFile(registriesConfPath(own));
    assert.match(text, /location = "a\.lan"\ninsecure = true/);
    assert.match(text, /location = "old\.lan"\ninsecure = true/);
    assert.equal(await writeRegistriesConf(own, base), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a registry's name cannot smuggle in configuration", () => {
  for (const name of ['x"\n[engine]', "", "http://x", "a b"]) {
    const options = { parts, ulimits, insecureRegistries: [name] };
    assert.throws(() => renderServiceFiles(home, options), { code: "invalid" }, name);
  }
});

Deno.test("ulimits are those that this process may hand on", () => {
  const limits = "Max processes             96365                96365                processes\n" +
    "Max open files            1024                 20000                files\n";
  assert.deepEqual(parseUlimits(limits, "32768\n"), { nofile: 20_000, nproc: 32_768 });
  const open = limits.replaceAll(/96365|20000|1024/g, "unlimited");
  assert.deepEqual(parseUlimits(open, "4194304"), { nofile: 1_048_576, nproc: 1_048_576 });
  assert.deepEqual(parseUlimits("", ""), { nofile: 1_048_576, nproc: 1_048_576 });
});

function host(programs: readonly string[], folders: readonly string[]): FindDeps {
  return {
    isProgram: (path) => Promise.resolve(programs.includes(path)),
    exists: (path) => Promise.resolve(folders.includes(path)),
    path: "/opt/bin:relative",
    initName: () => Promise.resolve("systemd\n"),
  };
}
const UNIFIED = ["/sys/fs/cgroup/cgroup.controllers"];
const HYBRID = ["/sys/fs/cgroup/unified/cgroup.controllers", "/sys/fs/cgroup/memory"];
const all = [
  "/usr/bin/podman",
  "/usr/bin/conmon",
  "/usr/lib/podman/netavark",
  "/usr/bin/crun",
  "/usr/sbin/runc",
  "/usr/sbin/iptables",
  "/usr/libexec/podman/catatonit",
];

Deno.test("crun is taken where it works, runc on hybrid cgroups", async () => {
  const unified = await findPodman(host(all, UNIFIED));
  assert.deepEqual(unified.parts, parts);
  assert.deepEqual(unified.missing, []);
  const hybrid = await findPodman(host(all, HYBRID));
  assert.equal(hybrid.parts?.runtime, "/usr/sbin/runc");
  assert.equal(hybrid.parts?.cgroups, "hybrid");
});

Deno.test("what is missing is named with the way to get it", async () => {
  const noRunc = await findPodman(host(all.filter((p) => !p.endsWith("runc")), HYBRID));
  assert.equal(noRunc.parts, null);
  assert.match(noRunc.missing[0]?.message ?? "", /refuses this host's hybrid cgroups/);
  assert.match(noRunc.missing[0]?.remedy ?? "", /apt-get install runc/);
  const nothing = await findPodman(host([], []));
  assert.deepEqual(nothing.missing.map(({ name }) => name), [
    "podman",
    "conmon",
    "netavark",
    "runtime",
    "iptables",
    "cgroups",
    "init",
  ]);
  const noInit = await findPodman(host(all.filter((p) => !p.endsWith("catatonit")), UNIFIED));
  assert.ok(noInit.parts !== null);
  assert.deepEqual(noInit.missing.map(({ name }) => name), ["init"]);
});

Deno.test("the host's proxy is handed to the service, nothing else of the environment", () => {
  const host: Record<string, string> = { HTTPS_PROXY: "http://p:3128", no_proxy: "", SECRET: "x" };
  const proxyEnv = hostProxyEnv((name) => host[name]);
  assert.deepEqual(proxyEnv, { HTTPS_PROXY: "http://p:3128" });
  const spec = podmanEngineSpec(home, { parts, ulimits, insecureRegistries: [], proxyEnv });
  assert.equal(spec.env.HTTPS_PROXY, "http://p:3128");
});
