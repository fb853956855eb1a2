import assert from "node:assert/strict";
import { createFakeControl, idText, viewOf } from "./fake_control.ts";
import { createFakeHost, type FakeHostOptions, idleDaemons, NOW } from "./fake_host.ts";
import { runProgram } from "./program.ts";
import type { UpOptions } from "./flags.ts";

async function run(args: string[], options: FakeHostOptions = {}) {
  const host = createFakeHost(options);
  const code = await runProgram(args, host, idleDaemons);
  return { code, out: host.printed(), err: host.said() };
}

const PROJECT = {
  id: idText("prj", "a"),
  name: "shop",
  createdAt: NOW - 60_000,
  release: null,
  releaseState: null,
  deleted: false,
  services: 1,
  sourceFolder: "/srv/shop",
};
const SERVICE = {
  id: idText("svc", "a"),
  project: "shop",
  name: "web",
  kind: "service",
  image: { reference: "nginx:1", digest: null, id: null },
  slots: { wanted: 2, running: 2, ready: 1 },
  stage: "starting",
  health: "starting",
  reason: { code: "probe", message: "port 80 does not\u001b[31m connect" },
  urls: ["http://10.0.0.5/"],
  ports: [],
};

Deno.test("wrong usage is 2, says what is wrong and changes nothing", async () => {
  for (
    const args of [
      ["nonsense"],
      ["get"],
      ["get", "nothing"],
      ["apply", "--no-such"],
      ["get", "services", "-o", "xml"],
      ["get", "services", "-p", "Not A Name"],
      ["exec", "web"],
      ["run"],
      ["run", "-e", "NOVALUE", "web"],
      ["up", "--http-port", "0"],
      ["logs", "web", "-p", "a", "--tail", "x"],
      ["--home", "a\nb", "get", "nodes"],
    ]
  ) {
    const { code, out, err } = await run(args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(out, "", args.join(" "));
    assert.notEqual(err, "", args.join(" "));
  }
});

Deno.test("help is 0, on standard output, with examples", async () => {
  for (
    const args of [["--help"], ["apply", "--help"], ["exec", "--help"], ["run", "--help"], [
      "up",
      "--help",
    ]]
  ) {
    const { code, out } = await run(args);
    assert.equal(code, 0, args.join(" "));
    assert.match(out, /Examples:\n {2}(SKERRY_HOME|skerry)/, args.join(" "));
  }
});

Deno.test("no control plane is 1, with the socket and the way out", async () => {
  const { code, err } = await run(["get", "services"]);
  assert.equal(code, 1);
  assert.match(err, /^skerry: no control plane answers on .*\n {2}skerry up\n$/);
});

Deno.test("a list is a table, or JSON for programs", async () => {
  const { transport } = createFakeControl({ services: [SERVICE] });
  const table = await run(["get", "services"], { transport });
  assert.equal(table.code, 0);
  assert.equal(
    table.out,
    "PROJECT  SERVICE  READY  STAGE     HEALTH    IMAGE    REACHED AT        WHY\n" +
      "shop     web      1/2    starting  starting  nginx:1  http://10.0.0.5/  " +
      "port 80 does not\\u{1b}[31m connect\n",
  );
  for (const args of [["-o", "json", "get", "services"], ["get", "services", "-o", "json"]]) {
    assert.deepEqual(JSON.parse((await run(args, { transport })).out), [SERVICE]);
  }
  const none = await run(["get", "volumes"], { transport });
  assert.deepEqual([none.code, none.out, none.err], [0, "", "no volumes\n"]);
});

Deno.test("colours are for terminals without NO_COLOR", async () => {
  const { transport } = createFakeControl({ services: [SERVICE] });
  const colour = "\u001b[33m";
  const shown = await run(["get", "services"], { transport, terminal: true });
  assert(shown.out.includes(colour));
  const env = { NO_COLOR: "1" };
  const plain = await run(["get", "services"], { transport, terminal: true, env });
  assert(!plain.out.includes("\u001b"));
});

Deno.test("without -p a delete means the project of this folder, and never guesses", async () => {
  const two = [PROJECT, { ...PROJECT, id: idText("prj", "b"), name: "other", sourceFolder: null }];
  const deleting = async (projects: unknown[], cwd: string, args: string[] = []) => {
    const control = createFakeControl({ projects });
    const { code, err } = await run(["delete", ...args], { transport: control.transport, cwd });
    return { code, err, posted: control.requests.filter((each) => each.startsWith("POST")) };
  };
  const posted = ["POST projects/shop/releases"];
  assert.deepEqual((await deleting(two, "/srv/shop")).posted, posted);
  const alone = await deleting([PROJECT], "/elsewhere");
  assert.equal(alone.code, 2);
  assert.match(alone.err, /There is shop\n.*name it with -p/);
  assert.deepEqual(alone.posted, []);
  const unclear = await deleting(two, "/elsewhere");
  assert.equal(unclear.code, 2);
  assert.match(unclear.err, /other, shop/);
  assert.deepEqual(unclear.posted, []);
  assert.deepEqual((await deleting(two, "/elsewhere", ["-p", "shop"])).posted, posted);
});

Deno.test("a command written wrongly is answered with what may be written", async () => {
  const cases = [
    [["ps"], /unknown command 'ps'\n {2}skerry takes: apply, .*\bget\b/],
    [
      ["describe", "web"],
      /unknown command 'web'\n {2}skerry describe takes: service, container, node, .*release\n/,
    ],
    [["exec"], /missing required argument 'service'\n {2}see: skerry exec --help\n/],
    [["get", "services", "-o", "yml"], /\n {2}see: skerry get services --help\n/],
  ] as const;
  for (const [args, message] of cases) {
    const { code, err } = await run([...args]);
    assert.equal(code, 2);
    assert.match(err, message);
  }
});

Deno.test("a purge wants the project's name", async () => {
  const purge = async (args: string[], options: FakeHostOptions) => {
    const control = createFakeControl({ projects: [PROJECT] });
    const all = { transport: control.transport, ...options };
    const { code } = await run(["delete", "-p", "shop", "--purge", ...args], all);
    return { code, releases: control.releases };
  };
  assert.deepEqual(await purge([], {}), { code: 2, releases: [] });
  assert.deepEqual(await purge(["--confirm", "shap"], {}), { code: 1, releases: [] });
  const typed = { terminal: true, input: ["sho", "p\n"] };
  const done = { code: 0, releases: [{ parts: {}, purge: "shop" }] };
  assert.deepEqual(await purge([], typed), done);
  assert.deepEqual(await purge(["--confirm", "shop"], {}), done);
  assert.deepEqual(await purge([], { terminal: true, input: ["no\n"] }), { code: 1, releases: [] });
});

Deno.test("a secret comes from standard input without its last newline", async () => {
  const control = createFakeControl();
  const input = ["se", "cret\n"];
  const { code, err } = await run(["secret", "set", "a", "-p", "shop"], {
    transport: control.transport,
    input,
  });
  assert.equal(code, 0);
  assert.equal(new TextDecoder().decode(control.secrets.get("a")), "secret");
  assert.doesNotMatch(err, /secret$/m);
  const empty = await run(["secret", "set", "b"], { transport: control.transport, input: ["\n"] });
  assert.equal(empty.code, 1);
  assert(!control.secrets.has("b"));
});

Deno.test("a secret is asked for twice on a terminal, and corrections count", async () => {
  const control = createFakeControl();
  const set = (input: string[]) =>
    run(["secret", "set", "a"], { transport: control.transport, terminal: true, input });
  assert.equal((await set(["one\r", "two\r"])).code, 1);
  assert.equal((await set(["one\r"])).code, 1, "the input ends before it is repeated");
  assert.equal((await set(["on\u0003e\r", "one\r"])).code, 1, "Ctrl-C");
  assert.equal(control.secrets.size, 0);
  const { code, err } = await set(["pä", "\u007f", "ass\r", "pass\r"]);
  assert.equal(code, 0, err);
  assert.equal(new TextDecoder().decode(control.secrets.get("a")), "pass");
  assert.doesNotMatch(err, /pass/);
});

const COMPOSE = `name: shop
services:
  web:
    image: nginx:1
    volumes: ["./site:/site:ro", "./one.txt:/one.txt:ro", "./rw:/rw"]
    secrets: [token]
    configs: [{ source: motd, target: /motd }]
secrets: { token: { environment: TOKEN } }
configs: { motd: { environment: MOTD } }
`;

async function inProject(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/compose.yaml`, COMPOSE);
    await Deno.mkdir(`${folder}/site/sub`, { recursive: true });
    await Deno.writeTextFile(`${folder}/site/sub/a.html`, "A");
    await Deno.writeTextFile(`${folder}/one.txt`, "ONE");
    await Deno.writeTextFile(`${folder}/.env`, "MOTD=hello\n");
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("an apply carries files, configs and secrets, and waits for the end", () =>
  inProject(async (cwd) => {
    const control = createFakeControl();
    const env = { TOKEN: "t0ken" };
    const done = await run(["apply", "--wait"], { transport: control.transport, cwd, env });
    assert.equal(done.code, 0, done.err);
    assert.match(done.err, /warning: careful\n\+ service web: created/);
    assert.match(done.err, /web\/1 starting\nweb\/1 running\nshop is up\n$/);
    const [release] = control.releases;
    const part = release?.parts.compose;
    assert.deepEqual(Object.keys(part?.files ?? {}), [`${cwd}/one.txt`, `${cwd}/site`]);
    assert.deepEqual(part?.model.configs, { motd: { name: "shop_motd", content: "hello" } });
    assert.deepEqual(release?.secretValues, { token: btoa("t0ken") });
    assert.equal(part?.sourceFolder, cwd);
    const texts = [...control.blobs.values()].map((blob) => new TextDecoder().decode(blob));
    assert.deepEqual(texts.sort(), ["A", "ONE"]);
    // A second one has nothing left to send.
    const sent = control.requests.filter((each) => each.startsWith("PUT")).length;
    assert.equal((await run(["apply"], { transport: control.transport, cwd, env })).code, 0);
    assert.equal(control.requests.filter((each) => each.startsWith("PUT")).length, sent);
  }));

Deno.test("an apply that is rolled back is 1, with the reason", () =>
  inProject(async (cwd) => {
    const { transport } = createFakeControl({}, [viewOf("rolled_back", "rolled_back")]);
    const { code, err } = await run(["apply", "--wait"], { transport, cwd, env: { TOKEN: "t" } });
    assert.equal(code, 1);
    assert.match(err, /shop was rolled back.*: web was not healthy/);
  }));

Deno.test("Ctrl-C leaves the apply going and says so", () =>
  inProject(async (cwd) => {
    const interrupted = new AbortController();
    const control = createFakeControl({}, [viewOf("rolling", "pulling")]);
    const { code, err } = await run(["apply", "--wait"], {
      cwd,
      env: { TOKEN: "t" },
      signal: interrupted.signal,
      transport: (request) => {
        if (request.url.endsWith("/events")) interrupted.abort();
        return control.transport(new Request(request, { signal: null }));
      },
    });
    assert.equal(code, 0);
    assert.match(err, /The apply goes on/);
    assert.equal(control.releases.length, 1);
  }));

Deno.test("a plan changes nothing; a faulty file is told with its place", () =>
  inProject(async (cwd) => {
    const control = createFakeControl();
    const env = { TOKEN: "t" };
    const plan = await run(["plan"], { transport: control.transport, cwd, env });
    assert.equal(plan.code, 0, plan.err);
    assert.equal(plan.out, "+ service web: created (0 -> 1 containers)\n    image nginx:1\n");
    assert.deepEqual(control.requests, ["POST projects/shop/plan"]);

    await Deno.writeTextFile(`${cwd}/compose.yaml`, COMPOSE + "nonsense: 1\n");
    const faulty = await run(["apply"], { transport: control.transport, cwd, env });
    assert.equal(faulty.code, 1);
    assert.match(faulty.err, /compose\.yaml:10:1: /);
    assert.equal(control.requests.length, 1);

    const unset = await run(["config", "-f", "nowhere.yaml"], { cwd });
    assert.equal(unset.code, 1);
    assert.match(unset.err, /nowhere\.yaml/);
  }));

Deno.test("a secret's variable that is not set stops the apply before anything is sent", () =>
  inProject(async (cwd) => {
    const control = createFakeControl();
    const { code, err } = await run(["apply"], { transport: control.transport, cwd });
    assert.equal(code, 1);
    assert.match(err, /TOKEN, which is not set/);
    assert.deepEqual(control.requests, []);
  }));

Deno.test("up gets its settings and its exit code is passed on", async () => {
  const seen: UpOptions[] = [];
  const host = createFakeHost({ env: { SKERRY_HOME: "h", SKERRY_DNS_PORT: "5301" }, cwd: "/srv" });
  const code = await runProgram(["up", "--http-port", "8080"], host, {
    ...idleDaemons,
    up: (options) => {
      seen.push(options);
      return Promise.resolve(1);
    },
  });
  assert.equal(code, 1);
  const [options] = seen;
  assert.equal(options?.layout.home, "/srv/h");
  assert.deepEqual([options?.httpPort, options?.dnsPort, options?.name], [8080, 5301, "box"]);
});

Deno.test("a failing command without a SkerryError is 1 too", async () => {
  const host = createFakeHost();
  const up = () => Promise.reject(new Error("broken\nin two"));
  assert.equal(await runProgram(["up"], host, { ...idleDaemons, up }), 1);
  assert.equal(host.said(), "skerry: broken\nin two\n");
});

Deno.test("completion names every command", async () => {
  const { out } = await run(["completion", "bash"]);
  for (const word of ["get services", "secret set", "--http-port", "volume"]) {
    assert(out.includes(word), word);
  }
});
