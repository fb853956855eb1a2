/**
 * Compose files made by fast-check: most of them valid, some nearly so. Keys are put together from
 * their documented forms, short and long, and some values are exchanged for ones that are off.
 */
import fc from "fast-check";
import { stringify } from "yaml";

/** A project to read: texts by their names, the first is read with `-f`, so are `override` ones. */
export interface MadeFiles {
  /** One or two compose files. */
  readonly texts: readonly string[];
}

type Made = fc.Arbitrary<unknown>;

const SERVICES = ["web", "db", "job"] as const;
const pick = (...values: readonly unknown[]): Made => fc.constantFrom(...values);
const some = (one: Made, maxLength = 3): Made =>
  fc.uniqueArray(one, { minLength: 1, maxLength, selector: (value) => JSON.stringify(value) });
const object = (keys: Readonly<Record<string, Made>>, requiredKeys: readonly string[] = []): Made =>
  fc.record({ ...keys }, { requiredKeys: [...requiredKeys] });

const flag = pick(true, false);
const count = pick(0, 1, 2, 5, "3");
const duration = pick("10s", "1m30s", "0s", "500ms", "1h", "2m", "1.5s");
const size = pick("64m", "1g", "512k", "1024", "1.5gb", "100b", "2GiB");
const id = pick("0", "1000", "1000:1000", "www-data");
const pairs: Made = fc.oneof(
  fc.dictionary(
    fc.constantFrom("A", "B_C", "x.y", "x-z"),
    pick("1", 1, true, null, "", "a b", "a=b", "${A}", 1.5, "true", "${UNSET}"),
    { maxKeys: 3 },
  ),
  some(pick("A=1", "B", "C=", "D=a=b", "E= x ", "F=${A}", "x.y=z")),
);
const command: Made = pick(
  "serve --port 80",
  ["serve", "--port", "80"],
  "sh -c 'echo \"a b\"'",
  [],
  "",
  null,
  "echo $$HOME",
  ["${A}", "b"],
  "a \\\n  b",
);
const port: Made = fc.oneof(
  pick(
    80,
    "80",
    "8080:80",
    "127.0.0.1:8081:80",
    "8082:80/udp",
    "8083:80/tcp",
    "9000-9002",
    "9010-9012:9000-9002",
    "0.0.0.0:8084:80",
    "[::1]:8085:80",
    "9020-9022:80",
    "::80",
    "8086:",
  ),
  object({
    target: pick(80, 443, "80"),
    published: pick("8090", 8091, "8092-8093", ""),
    protocol: pick("tcp", "udp"),
    mode: pick("host", "ingress"),
    host_ip: pick("127.0.0.1", "0.0.0.0"),
    name: pick("http", "admin"),
    app_protocol: pick("http"),
  }, ["target"]),
);
const mount: Made = fc.oneof(
  pick(
    "data:/data",
    "data:/data:ro",
    "./files:/files",
    "./files:/files:ro",
    "/srv/a:/a",
    "~/b:/b",
    "/anonymous",
    "../up:/up:rw",
    "./x:/x:ro,z",
    "data:/d2:nocopy",
    ".:/here",
    "cache:/cache",
    "./a/../b:/c/",
  ),
  object({
    type: pick("volume", "volume", "volume"),
    source: pick("data", "cache"),
    target: pick("/v", "/w"),
    read_only: flag,
    volume: object({ nocopy: flag, subpath: pick("sub") }),
  }, ["type", "target"]),
  object({
    type: pick("bind"),
    source: pick("./files", "/srv", "~/x"),
    target: pick("/p", "/q"),
    read_only: flag,
    consistency: pick("cached"),
    bind: object({ create_host_path: flag, propagation: pick("rslave"), selinux: pick("z") }),
  }, ["type", "source", "target"]),
  object({
    type: pick("tmpfs"),
    target: pick("/t"),
    tmpfs: object({ size: pick("10m", 1024), mode: pick(0o755, 448) }),
  }, ["type", "target"]),
);
const healthcheck: Made = object({
  test: pick("curl -f http://x", ["CMD", "true"], ["CMD-SHELL", "a b"], ["NONE"], "NONE"),
  interval: duration,
  timeout: duration,
  retries: count,
  start_period: duration,
  start_interval: duration,
  disable: flag,
});
const condition = pick(
  "service_started",
  "service_healthy",
  "service_completed_successfully",
);
const depends = (others: readonly string[]): Made =>
  fc.oneof(
    fc.subarray([...others], { minLength: 1 }),
    fc.dictionary(
      fc.constantFrom(...others),
      object({ condition, required: flag, restart: flag }, ["condition"]),
      { minKeys: 1, maxKeys: 2 },
    ),
  );
const resources: Made = object({
  limits: object({ cpus: pick("0.5", 2, 0.25, "1"), memory: size, pids: pick(10, 100) }),
  reservations: object({ cpus: pick("0.25"), memory: size }),
});
const deploy: Made = object({
  mode: pick("replicated"),
  replicas: count,
  resources,
  labels: pairs,
  restart_policy: object({
    condition: pick("none", "on-failure", "any"),
    delay: duration,
    max_attempts: count,
    window: duration,
  }),
  update_config: object({
    parallelism: count,
    delay: duration,
    order: pick("start-first", "stop-first"),
    failure_action: pick("rollback"),
  }),
  placement: object({ constraints: some(pick("node.role == manager")) }),
  endpoint_mode: pick("vip"),
});
const build: Made = fc.oneof(
  pick(".", "./app", "../lib"),
  object({
    context: pick(".", "./app"),
    dockerfile: pick("Dockerfile", "sub/Dockerfile.prod"),
    args: pairs,
    target: pick("prod"),
    labels: pairs,
    no_cache: flag,
    pull: flag,
    tags: some(pick("a:1", "b/c:2")),
    network: pick("host", "none"),
    shm_size: size,
    extra_hosts: some(pick("h=192.0.2.1", "h:192.0.2.1")),
    cache_from: some(pick("a:1")),
  }, ["context"]),
);
const networksOf: Made = fc.oneof(
  fc.subarray(["front", "back", "default"], { minLength: 1 }),
  fc.dictionary(
    fc.constantFrom("front", "back", "default"),
    fc.oneof(
      pick(null, {}),
      object({ aliases: some(pick("alias", "other")), priority: pick(10, 1000) }),
    ),
    { minKeys: 1, maxKeys: 2 },
  ),
);
const used = (name: string): Made =>
  fc.oneof(
    pick(name),
    object({
      source: pick(name),
      target: pick("renamed", "/etc/renamed", `/${name}`),
      uid: pick("0", "1000"),
      gid: pick("0"),
      mode: pick(0o440, "0440", 256),
    }, ["source"]),
  );
const ulimit = fc.oneof(
  pick(1024, "2048", -1),
  object({ soft: pick(10, -1), hard: pick(20, 10) }, [
    "soft",
    "hard",
  ]),
);

const SERVICE: Readonly<Record<string, (others: readonly string[]) => Made>> = {
  build: () => build,
  command: () => command,
  entrypoint: () => command,
  environment: () => pairs,
  env_file: () =>
    pick(
      "e.env",
      ["e.env", "./e.env"],
      [{ path: "e.env" }],
      [{ path: "missing.env", required: false }],
      [{ path: "e.env", format: "raw" }],
      [],
    ),
  ports: () => some(port),
  expose: () => some(pick("80", 8080, "90/udp", "3000-3002")),
  volumes: () => some(mount),
  depends_on: (others) => depends(others),
  healthcheck: () => healthcheck,
  deploy: () => deploy,
  scale: () => count,
  restart: () => pick("no", "always", "unless-stopped", "on-failure", "on-failure:3"),
  secrets: () => some(used("s"), 2),
  configs: () => some(used("c"), 2),
  labels: () => pairs,
  annotations: () => pairs,
  user: () => id,
  working_dir: () => pick("/app", "/app/"),
  hostname: () => pick("box", "box-1"),
  container_name: () => pick("my-box", "box_2"),
  cap_add: () => some(pick("NET_ADMIN", "SYS_TIME", "ALL")),
  cap_drop: () => some(pick("ALL", "CHOWN")),
  read_only: () => flag,
  init: () => flag,
  tty: () => flag,
  stdin_open: () => flag,
  privileged: () => flag,
  stop_signal: () => pick("SIGINT", "SIGUSR1", "SIGTERM"),
  stop_grace_period: () => duration,
  ulimits: () => fc.dictionary(fc.constantFrom("nofile", "nproc"), ulimit, { maxKeys: 2 }),
  extra_hosts: () =>
    pick(
      ["h=192.0.2.1"],
      ["h:192.0.2.1", "g=192.0.2.2"],
      { h: "192.0.2.1" },
      { h: ["192.0.2.1", "192.0.2.2"] },
      ["h=[2001:db8::1]"],
      ["h:2001:db8::1"],
    ),
  networks: () => networksOf,
  profiles: () => pick(["debug"], ["a", "b"], []),
  pull_policy: () => pick("always", "missing", "never", "if_not_present", "build", "daily"),
  platform: () => pick("linux/amd64"),
  tmpfs: () => pick("/run", ["/run", "/tmp"], ["/run:size=10m,mode=755"]),
  shm_size: () => size,
  sysctls: () => pick({ "net.core.somaxconn": 1024 }, ["net.core.somaxconn=1024"]),
  mem_limit: () => size,
  mem_reservation: () => size,
  memswap_limit: () => pick("1g", -1, "2g"),
  cpus: () => pick(0.5, "1.5", 2),
  cpu_shares: () => pick(512, "256"),
  cpuset: () => pick("0", "0-1", "0,1"),
  pids_limit: () => pick(100, -1, "50"),
  oom_score_adj: () => pick(100, -100, 0),
  security_opt: () => some(pick("no-new-privileges:true", "label=disable")),
  group_add: () => some(pick("mail", 1000, "100")),
  devices: () => pick(["/dev/null:/dev/x"], ["/dev/null"], ["/dev/null:/dev/x:r"]),
  dns: () => pick("192.0.2.53", ["192.0.2.53", "192.0.2.54"]),
  dns_search: () => pick("example.com", ["a.example", "b.example"]),
  dns_opt: () => pick(["ndots:1"]),
  logging: () => pick({ driver: "json-file", options: { "max-size": "10m" } }),
  links: (others) => pick(...others.map((one) => [one]), ...others.map((one) => [`${one}:other`])),
  ipc: () => pick("private", "shareable", "host"),
  pid: () => pick("host"),
  network_mode: () => pick("host", "none", "bridge"),
  develop: () => pick({ watch: [{ path: "./a", action: "rebuild" }] }),
  attach: () => flag,
  extends: (others) => pick(...others.map((service) => ({ service })), ...others),
};

/** What stands now and then where something else should: types, forms and words that are off. */
const ODD: Made = fc.oneof(
  { weight: 3, arbitrary: pick(null, "", [], {}, true, 0, -1, 1.5, "x", "-1", "1e3", "yes", "~") },
  {
    weight: 2,
    arbitrary: pick([null], [[]], [{}], { a: null }, { a: { b: 1 } }, "a:b:c:d", ":", "/"),
  },
  {
    weight: 1,
    arbitrary: pick("${", "${A:?no}", "${NONE:?none}", "$", "$$", "${1}", "é", "10 s", "1d"),
  },
);

const orOdd = (good: Made): Made =>
  fc.oneof({ weight: 150, arbitrary: good }, { weight: 1, arbitrary: ODD });

function service(name: string): Made {
  const others = SERVICES.filter((one) => one !== name);
  const keys = Object.entries(SERVICE).map(([key, made]) =>
    fc.tuple(fc.constant(key), orOdd(made(others)))
  );
  const image = orOdd(
    pick("nginx", "nginx:1.27", "ghcr.io/a/b:c", "x@sha256:" + "a".repeat(64), "${IMAGE:-i}"),
  );
  return fc.tuple(
    image,
    fc.uniqueArray(fc.oneof(...keys), {
      maxLength: 6,
      selector: ([key]) => key === "network_mode" ? "networks" : key,
    }),
    fc.nat({ max: 100 }),
  ).map(([given, chosen, chance]) =>
    Object.fromEntries([
      ...(chance < 1 ? [] : [["image", given] as const]),
      ...chosen,
      ...(chance < 99 ? [] : [["imagee", "typo"] as const]),
      ...(chance === 50 ? [["x-any", { a: 1 }] as const] : []),
    ])
  );
}

const services: Made = fc.tuple(...SERVICES.map((name) => service(name)), fc.nat({ max: 200 }))
  .map(([web, db, job, chance]) => ({
    web,
    ...(chance === 0 ? {} : { db }),
    ...(chance === 1 ? {} : { job }),
    ...(chance === 2 ? { "not a name": web } : {}),
  }));

const topOf = (keys: Readonly<Record<string, Made>>, ...names: readonly string[]): Made =>
  object(
    Object.fromEntries(
      names.map((name) =>
        [
          name,
          orOdd(fc.oneof(
            pick(null, {}, { external: true }, { external: true, name: "x" }),
            object(keys),
            object({ ...keys, external: fc.constant(false) }),
          )),
        ] as const
      ),
    ),
    names,
  );

const network = {
  driver: pick("bridge"),
  internal: flag,
  name: pick("other", "${A}_net"),
  labels: pairs,
  attachable: flag,
  enable_ipv6: flag,
  driver_opts: pick({ "com.docker.network.driver.mtu": 1400 }),
  ipam: pick({}, { config: [{ subnet: "172.28.0.0/16" }] }, { driver: "default" }),
};
const volume = {
  driver: pick("local"),
  name: pick("other", "my_data"),
  labels: pairs,
};
const file = {
  file: pick("./s.txt", "/etc/s", "../s"),
};
const secret: Made = orOdd(fc.oneof(
  object(file, ["file"]),
  object({ environment: pick("A", "UNSET") }, ["environment"]),
  pick({ external: true }, { external: true, name: "other" }),
));
const config: Made = orOdd(fc.oneof(
  object(file, ["file"]),
  object({ content: pick("a\nb\n", "x ${A}", "$$y") }, ["content"]),
  object({ environment: pick("A", "UNSET") }, ["environment"]),
));

const whole: Made = fc.record({
  name: orOdd(pick("shop", "my-shop", "Shop", "my shop", "_x")),
  services: orOdd(services),
  networks: topOf(network, "front", "back"),
  volumes: topOf(volume, "data", "cache"),
  secrets: object({ s: secret }, ["s"]),
  configs: object({ c: config }, ["c"]),
  "x-any": pick({ a: 1 }, "b", null),
  version: pick("3.8", "2"),
}, { requiredKeys: ["services", "networks", "volumes", "secrets", "configs"] });

/** What is laid over the first file. */
const override: Made = fc.record({
  services: fc.record({
    web: service("web"),
    db: service("db"),
    more: service("more"),
  }, { requiredKeys: [] }),
}, { requiredKeys: ["services"] });

const asText = (value: unknown, isJson: boolean): string =>
  isJson ? JSON.stringify(value, null, 1) : stringify(value, { aliasDuplicateObjects: false });

/** Files in folders where `e.env` (MADE_ENV_FILE) and `.env` (MADE_DOTENV) are, read with MADE_ENVIRONMENT. */
export const madeFiles: fc.Arbitrary<MadeFiles> = fc.noBias(fc.tuple(
  whole,
  fc.option(override, { freq: 3 }),
  fc.boolean(),
)).map(([first, second, isJson]) => ({
  texts: [asText(first, isJson), ...(second === null ? [] : [asText(second, false)])],
}));

export const MADE_HOME = "/home/user";
export const MADE_ENVIRONMENT: Readonly<Record<string, string>> = { A: "a", HOME: MADE_HOME };
export const MADE_ENV_FILE = "A=1\nexport B='x $A'\nC=\"a\\n${A}\"\n# c\nD=${A:-x} # y\nE\nF=\n";
export const MADE_DOTENV = "IMAGE=from-dotenv:1\nB=dot\n";
