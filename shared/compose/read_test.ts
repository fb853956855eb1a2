import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { durationMs } from "./duration.ts";
import { replicasOf } from "./model.ts";
import { formatProblem, MAX_PROBLEMS } from "./problem.ts";
import { readCompose, type ReadInput, type ReadResult } from "./read.ts";
import { renderConfig } from "./render.ts";
import { editDistance, nearest } from "./suggest.ts";

function read(text: string, more: Partial<ReadInput> = {}): ReadResult {
  return readCompose({
    files: [{ path: "/srv/My App/compose.yaml", text }],
    projectDirectory: "/srv/My App",
    environment: {},
    profiles: ["*"],
    projectName: null,
    readFile: () => ({ kind: "missing" }),
    ...more,
  });
}

function modelOf(result: ReadResult) {
  if (result.kind === "ok") return result.model;
  throw new Error(result.problems.map(formatProblem).join("\n"));
}

function linesOf(result: ReadResult): string[] {
  ok(result.kind === "problems");
  return result.problems.map(formatProblem);
}

const ONE = "services: {a: {image: x}}";

Deno.test("the project's name: -p, variable, top-level name, folder", () => {
  const named = `name: From File!\n${ONE}`;
  const variable = { environment: { COMPOSE_PROJECT_NAME: "from-env" } };
  strictEqual(modelOf(read(ONE)).name, "myapp");
  strictEqual(modelOf(read(named)).name, "fromfile");
  strictEqual(modelOf(read(named, variable)).name, "from-env");
  strictEqual(modelOf(read(named, { ...variable, projectName: "opt" })).name, "opt");
  deepStrictEqual(linesOf(read(ONE, { projectName: "No Good" })), [
    '/srv/My App/compose.yaml:1:1: the project name "No Good" of -p cannot be used; write "nogood"',
  ]);
  ok(linesOf(read(ONE, { projectDirectory: "/" }))[0]?.includes("pass -p NAME"));
});

Deno.test("COMPOSE_PROJECT_NAME is the project's name in the files", () => {
  const model = modelOf(read('services: {a: {image: "x:${COMPOSE_PROJECT_NAME}"}}'));
  strictEqual(model.services["a"]?.image, "x:myapp");
});

Deno.test("a file of 10 MB is refused before it is parsed", () => {
  const lines = linesOf(read("a".repeat(10_000_000)));
  deepStrictEqual(lines, [
    "/srv/My App/compose.yaml:1:1: the file has more than 1048576 bytes (10000000 and not less); split it, or keep data in files that services bind",
  ]);
  ok(linesOf(read("é".repeat(600_000))).length === 1);
});

Deno.test("deep nesting and many keys are answered", () => {
  for (const text of ["[".repeat(50_000), "{a: ".repeat(20_000), "- ".repeat(50_000)]) {
    ok(linesOf(read(text)).length > 0);
  }
  const many = Array.from({ length: 5_000 }, (_, i) => `k${i}: 1`).join("\n");
  strictEqual(linesOf(read(many)).length, MAX_PROBLEMS + 1);
});

Deno.test("problems of several files are told together, in the order of the files", () => {
  const result = read(ONE, {
    files: [
      { path: "/p/b.yaml", text: "services: {a: {image: x, runtime: a}}" },
      { path: "/p/a.yaml", text: "services: {a: {imagee: y}}" },
    ],
  });
  deepStrictEqual(linesOf(result), [
    '/p/b.yaml:1:26: "runtime" is not carried out yet: the node\'s own runtime is used; leave it out; for GPUs write gpus: all',
    '/p/a.yaml:1:16: unknown key "imagee"; did you mean "image"?',
  ]);
});

Deno.test("variables: environment over .env over nothing; what is unset is noted", () => {
  const text = "services: {a: {image: x, environment: {A: '${A}', B: '${B}', C: '${C}'}}}";
  const result = read(text, {
    environment: { A: "env" },
    readFile: (path) =>
      path === "/srv/My App/.env"
        ? { kind: "text", text: "A=file\nB=file\n" }
        : { kind: "missing" },
  });
  deepStrictEqual(modelOf(result).services["a"]?.environment, { A: "env", B: "file", C: "" });
  deepStrictEqual(result.notes.map((note) => note.code), ["variable-unset"]);
});

Deno.test("the variables that secrets and configs name come beside the model", () => {
  const result = read(
    "services: {a: {image: x}}\nsecrets: {s: {environment: S}, t: {environment: T}}",
    { environment: { S: "secret" } },
  );
  ok(result.kind === "ok");
  deepStrictEqual(result.variables, { S: "secret", T: null });
  ok(!JSON.stringify(result.model).includes('"secret"'));
});

Deno.test("a file that cannot be read is told with its reason", () => {
  const lines = linesOf(read("services: {a: {image: x, env_file: e}}", {
    readFile: (path) =>
      path.endsWith("/e")
        ? { kind: "unreadable", reason: "permission denied" }
        : { kind: "missing" },
  }));
  ok(lines[0]?.includes('"/srv/My App/e" cannot be read: permission denied'), lines[0]);
  const env = linesOf(read("services: {a: {image: x, env_file: e}}", {
    readFile: (path) =>
      path.endsWith("/e") ? { kind: "text", text: "A=1\n\nno good=2\n" } : { kind: "missing" },
  }));
  deepStrictEqual(env, [
    '/srv/My App/e:3:1: "no good" is not the name of a variable; write NAME=value, names of letters, digits and _',
  ]);
});

Deno.test("a job by the clock is read as it is written, in short and in full", () => {
  const model = modelOf(read(`services:
  short: {image: x, x-skerry: {schedule: "@daily"}}
  alike: {image: x, x-skerry: {schedule: {cron: "@daily", history: 5}}}
  backup:
    image: x
    x-skerry:
      schedule:
        cron: "0 3 * * *"
        zone: Europe/Berlin
        overlap: replace
        missed: run_once
        missed_within: 90m
        timeout: 1h
        retries: 2
        history: {successful: 1}
        suspended: true
`));
  const of = (name: string) => model.services[name]?.["x-skerry"]?.schedule;
  deepStrictEqual(of("short"), { cron: "@daily" });
  deepStrictEqual(of("alike"), { cron: "@daily", history: { successful: 5, failed: 5 } });
  deepStrictEqual(of("backup"), {
    cron: "0 3 * * *",
    zone: "Europe/Berlin",
    overlap: "replace",
    missed: "run_once",
    missed_within: "1h30m0s",
    timeout: "1h0m0s",
    retries: 2,
    history: { successful: 1 },
    suspended: true,
  });
});

Deno.test("x-skerry gets its defaults", () => {
  const model = modelOf(read(`
services:
  a:
    image: x
    x-skerry:
      routes: [{host: Shop.Example.com, port: 80}, {port: 81, path: /api, tls: redirect}]
      health: {http: /healthz, interval: 90s}
      drain: 1m30s
      allow: [10.0.0.0/8, 192.0.2.1]
      env_secrets: true
  b: {image: x, x-skerry: {health: {tcp: 5432, deadline: 10m}}}
`));
  deepStrictEqual(model.services["a"]?.["x-skerry"], {
    routes: [
      { host: "shop.example.com", path: "/", port: 80, tls: "both" },
      { path: "/api", port: 81, tls: "redirect" },
    ],
    health: { http: "/healthz", interval: "1m30s", port: 80 },
    drain: "1m30s",
    allow: ["10.0.0.0/8", "192.0.2.1/32"],
    env_secrets: true,
  });
  deepStrictEqual(model.services["b"]?.["x-skerry"], {
    health: { tcp: true, port: 5432, deadline: "10m0s" },
  });
});

Deno.test("replicas: of deploy or scale, else one", () => {
  const { services } = modelOf(
    read(
      "services: {a: {image: x, scale: 3}, b: {image: x, deploy: {replicas: 2}}, c: {image: x}}",
    ),
  );
  deepStrictEqual(Object.values(services).map(replicasOf), [3, 2, 1]);
});

Deno.test("what is printed as YAML begins with the name and doubles dollars", () => {
  const model = modelOf(read("services: {a: {image: x, environment: {A: $$5}}}"));
  strictEqual(
    renderConfig(model, "yaml"),
    `name: myapp
services:
  a:
    environment:
      A: $$5
    image: x
    networks:
      default: null
networks:
  default:
    name: myapp_default
`,
  );
});

Deno.test("durations in milliseconds", () => {
  deepStrictEqual(["1m30s", "500ms", "1us", "0s", "x", "1", ""].map(durationMs), [
    90_000,
    500,
    1,
    0,
    null,
    null,
    null,
  ]);
});

Deno.test("a chain of a thousand services is no circle and overflows nothing", () => {
  const services = Array.from({ length: 1000 }, (_, i) => [
    `s${i}`,
    { image: "x", ...(i === 0 ? {} : { depends_on: [`s${i - 1}`] }) },
  ]);
  modelOf(read(JSON.stringify({ services: Object.fromEntries(services) })));
});

Deno.test("many aliases, nested and set anew, each stand for the anchor before them", () => {
  const model = modelOf(read(`
services:
  a: {image: &i one, labels: &l {x: *i}}
  b: {image: &i two, labels: *l}
  c: {image: *i, labels: {<<: *l, y: *i}}
`));
  deepStrictEqual(Object.values(model.services).map(({ image, labels }) => [image, labels]), [
    ["one", { x: "one" }],
    ["two", { x: "one" }],
    ["two", { x: "one", y: "two" }],
  ]);
  const lines = Array.from({ length: 2000 }, (_, i) => `  s${i}: *base`);
  strictEqual(
    Object.keys(modelOf(read(`x-b: &base {image: x}\nservices:\n${lines.join("\n")}`)).services)
      .length,
    2000,
  );
});

Deno.test("the nearest name", () => {
  strictEqual(editDistance("prots", "ports"), 1);
  strictEqual(nearest("enviroment", ["environment", "env_file"]), "environment");
  strictEqual(nearest("healthCheck", ["healthcheck"]), "healthcheck");
  strictEqual(nearest("b", ["a"]), null);
  strictEqual(nearest("zzz", ["ports", "user"]), null);
});

Deno.test("profiles: a service is there where one of its own is on", () => {
  const text = `
services:
  web: {image: x, depends_on: {debug: {condition: service_started, required: false}}}
  debug: {image: x, profiles: [debug, dev]}
`;
  const names = (profiles: string[], environment: Record<string, string> = {}) => {
    const result = read(text, { profiles, environment });
    ok(result.kind === "ok", JSON.stringify(result));
    return Object.keys(result.model.services);
  };
  deepStrictEqual(names([]), ["web"]);
  deepStrictEqual(names(["dev"]), ["debug", "web"]);
  deepStrictEqual(names(["other"]), ["web"]);
  deepStrictEqual(names([], { COMPOSE_PROFILES: "x,debug" }), ["debug", "web"]);
  const needed = read(text.replace(", required: false", ""), { profiles: [] });
  match(linesOf(needed).join(), /depends on "debug", whose profiles \(debug, dev\) are not on/);
});
