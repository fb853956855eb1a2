/**
 * Every operation, tried by everyone who may ask, on their own project and on a foreign one. What
 * was answered makes `.github/ROUTES.md`: `WRITE_ROUTES=1 deno test -A control/authz/routes_test.ts`.
 */
import assert from "node:assert/strict";
import type { Endpoint } from "../../shared/api/endpoint.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { type Grant, holds, ROLES } from "../../shared/model/role.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { ask, type Asking, clientOf, logIn, PASSWORD } from "../testing/people.ts";
import { LEAST_ROLE } from "./may.ts";

const ROUTES = new URL("../../.github/ROUTES.md", import.meta.url);
const OWN = "own";
const FOREIGN = "foreign";
const DIGEST = "0".repeat(64);

interface Asker {
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Asks by a token with less than its account has. */
  readonly limited: boolean;
  /** Logged in anew where an operation ended the session that asked. */
  begin(): Promise<Asking>;
}

type Outcome = "yes" | "no" | "401" | "404";

/** Somebody with an account; `token`: asks by an API token that has no more than these grants. */
async function asker(
  h: Harness,
  name: string,
  grants: readonly Grant[],
  token: readonly Grant[] | null = null,
): Promise<Asker> {
  const account = name.replaceAll(/[^a-z]+/g, "-");
  await h.api.createAccount({ name: account, grants: [...grants], password: PASSWORD });
  let last: Asking = {};
  const isOver = async () => {
    const response = await ask(h.app, "/api/v1/me", {}, last);
    await response.body?.cancel();
    return response.status !== 200;
  };
  return {
    name,
    grants: token ?? grants,
    limited: token !== null,
    async begin() {
      if (!await isOver()) return last;
      // The limit of tries is not what is tried here.
      h.clock.advance(60_000);
      last = token === null
        ? { cookie: await logIn(h.app, account) }
        : { token: (await h.api.createToken({ name: "t", grants: [...token] }, account)).token };
      return last;
    },
  };
}

interface Ids {
  readonly release: Readonly<Record<string, string>>;
  readonly deployment: Readonly<Record<string, string>>;
}

/** The address and the body of an operation on a project's things, as good as can be made up. */
function requestOf(described: Endpoint, project: string, ids: Ids): [string, RequestInit] {
  const isOfRelease = described.object === "release";
  const values: Readonly<Record<string, string | undefined>> = {
    name: project,
    service: "web",
    volume: "data",
    secret: "key",
    sha256: DIGEST,
    number: "1",
    node: "box",
    route: "web/0",
    image: "none",
    host: "r.lan",
    id: isOfRelease ? ids.release[project] : "x",
    deployment: ids.deployment[project],
    network: `${project}/default`,
    account: "nobody-of-that-name",
    session: `ses_${"a".repeat(26)}`,
    token: `tok_${"a".repeat(26)}`,
  };
  const path = described.path.replace(
    /\{(\w+)\}/g,
    (_, key: string) => encodeURIComponent(values[key] ?? "x"),
  );
  const query = described.object === "project_or_global" ? `?project=${project}` : "";
  const { method, body } = described;
  if (body === null) return [path + query, { method }];
  const type = "json" in body ? "application/json" : body.raw;
  // What is wrong with it is only told to who may do this.
  return [path + query, { method, headers: { "content-type": type }, body: "[]" }];
}

async function outcome(
  h: Harness,
  described: Endpoint,
  project: string,
  ids: Ids,
  asking: Asking,
): Promise<Outcome> {
  const [path, init] = requestOf(described, project, ids);
  const abort = new AbortController();
  const response = await ask(h.app, path, { ...init, signal: abort.signal }, asking);
  const isProblem = response.headers.get("content-type")?.includes("problem") ?? false;
  const problem = isProblem ? await response.json() : null;
  if (!isProblem) await response.body?.cancel();
  abort.abort();
  assert.ok(
    response.status < 500 || problem?.code === "node_unreachable",
    `${path} ${response.status} ${JSON.stringify(problem)}`,
  );
  switch (problem?.code) {
    case "not_signed":
    case "not_logged_in":
      return "401";
    case "forbidden":
      return "no";
    case "not_found":
      return problem.detail.endsWith("not yours to see") ? "404" : "yes";
    default:
      return "yes";
  }
}

/** What the declarations of an operation say. */
function expected(described: Endpoint, project: string, who: Asker | null): Outcome {
  const { scope, object } = described;
  if (scope === "agent" || scope === "enroll") return "401";
  if (scope === "login") return "yes";
  if (who === null) return "401";
  if (scope === "self") return "yes";
  if (scope === "self_change") return who.limited ? "no" : "yes";
  const least = LEAST_ROLE[scope];
  const somewhere = who.grants.some(({ project: of }) => holds(who.grants, least, of));
  switch (object) {
    case "project":
    case "project_or_global":
      return holds(who.grants, least, project) ? "yes" : "no";
    case "release":
    case "deployment":
    case "network":
      return holds(who.grants, least, project) ? "yes" : somewhere ? "404" : "no";
    case "filtered":
    case "node":
      return somewhere ? "yes" : "no";
    case "global":
      return holds(who.grants, least, null) ? "yes" : "no";
    case "self":
    case "none":
      return "no";
  }
}

const HEAD = `<!-- deno-fmt-ignore-file -->

# Who may do what

Every operation of the API, tried by everyone: what stands here was answered. \`own\` is a project
that the account or token has the role in, \`foreign\` another one; where both are alike, or the
operation is on no project, there is one answer. **yes**: it is done, or what was sent with it is
looked at; **no**: 403; **404**: as if it were not there; **401**: asks for a login or a signature.
Lists hold the rows of those projects alone that the caller sees. Root on the box, by its socket,
may all of it but what nodes sign.

<!-- Made by control/authz/routes_test.ts (WRITE_ROUTES=1); do not edit by hand. -->
`;

Deno.test("routes × roles × own or foreign project: what is declared is what is answered", async (test) => {
  await using h = await createHarness();
  const release: Record<string, string> = {};
  for (const name of [OWN, FOREIGN]) {
    const model = testModel(name, { web: testService() });
    release[name] = (await h.api.createRelease(name, testRequest(model))).id;
  }
  const deployment = Object.fromEntries(
    (await h.api.containers()).map((each) => [each.project, each.deployment]),
  );
  const ids = { release, deployment };
  const own = ProjectName.parse(OWN);
  const askers: Asker[] = [await asker(h, "no role", [])];
  for (const role of ROLES) {
    askers.push(await asker(h, `${role} of a project`, [{ role, project: own }]));
  }
  for (const role of ROLES) askers.push(await asker(h, `${role}`, [{ role, project: null }]));
  const admin: Grant[] = [{ role: "admin", project: null }];
  askers.push(
    await asker(h, "token of an admin, viewer", admin, [{ role: "viewer", project: null }]),
    await asker(h, "token of an admin, operator of a project", admin, [
      { role: "operator", project: own },
    ]),
  );
  const columns = ["nobody", ...askers.map(({ name }) => name)];
  const lines = [
    `| operation | scope | on | ${columns.join(" | ")} |`,
    `|---|---|---|${columns.map(() => "---|").join("")}`,
  ];
  for (const [operation, described] of Object.entries<Endpoint>(ENDPOINTS)) {
    const cells: string[] = [];
    await test.step(operation, async () => {
      for (const who of [null, ...askers]) {
        const found: Outcome[] = [];
        for (const project of [OWN, FOREIGN]) {
          const asking = who === null ? {} : await who.begin();
          const got = await outcome(h, described, project, ids, asking);
          const what = `${operation} as ${who?.name ?? "nobody"} on ${project}`;
          assert.equal(got, expected(described, project, who), what);
          found.push(got);
        }
        cells.push(found[0] === found[1] ? `${found[0]}` : `own ${found[0]}, foreign ${found[1]}`);
      }
    });
    const { method, path, scope, object } = described;
    lines.push(
      `| \`${method} ${path}\` | ${scope} | ${object.replaceAll("_", " ")} | ${
        cells.join(" | ")
      } |`,
    );
  }
  const table = `${HEAD}\n${lines.join("\n")}\n`;
  if (Deno.env.get("WRITE_ROUTES") === "1") await Deno.writeTextFile(ROUTES, table);
  const written = await Deno.readTextFile(ROUTES).catch(() => "");
  assert.equal(
    written,
    table,
    ".github/ROUTES.md: WRITE_ROUTES=1 deno test -A control/authz/routes_test.ts",
  );
});

Deno.test("lists and streams show to each what is theirs, and descriptions tell nothing of others", async () => {
  await using h = await createHarness();
  for (const name of [OWN, FOREIGN]) {
    const model = testModel(name, {
      web: testService({ volumes: [{ type: "volume", source: "data", target: "/data" }] }),
    }, { volumes: { data: { name: `${name}_data` } } });
    await h.api.createRelease(name, testRequest(model));
    await h.api.putSecret("key", new TextEncoder().encode("x"), name);
  }
  await h.agent.settle();
  await h.api.createAccount({
    name: "bob",
    grants: [{ role: "admin", project: ProjectName.parse(OWN) }],
    password: PASSWORD,
  });
  const cookie = await logIn(h.app, "bob");
  const looks = Object.entries<Endpoint>(ENDPOINTS).filter(([, { method, object, scope }]) =>
    method === "GET" && (object === "filtered" || object === "node") && scope !== "agent"
  );
  assert.ok(looks.length > 10);
  for (const [operation, described] of looks) {
    const path = described.path.replace("{node}", "box");
    const response = await ask(h.app, path, {}, { cookie });
    const text = await response.text();
    assert.equal(response.status, 200, `${operation} ${text}`);
    assert.ok(!text.includes(FOREIGN), `${operation}: ${text}`);
  }
  const api = clientOf(h.app, { cookie });
  assert.deepEqual((await api.projects()).map(({ name }) => name), [OWN]);
  assert.ok((await api.changes()).every(({ project }) => project === OWN));
});
