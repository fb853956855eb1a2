/**
 * schemathesis against the running control plane: as root, and as a viewer of one project. No answer
 * is a 500, none is undocumented, and each has the shape that the document says.
 *
 * SKERRY_API_LONG=1: also what goes on and on (logs, events), what takes whole models or archives, and
 * fuzzing with SKERRY_API_EXAMPLES requests (default 20) an operation; takes long.
 */
import assert from "node:assert/strict";
import { createHarness, type Harness } from "../../control/testing/harness.ts";
import { ENDPOINTS, type Operation } from "../../shared/api/endpoints.ts";
import { testModel, testRequest, testService } from "../../control/testing/models.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import type { Vouched } from "../../control/authz/caller.ts";

const PROGRAM = "/usr/local/lib/skerry/schemathesis/bin/schemathesis";
const LONG = Deno.env.get("SKERRY_API_LONG") === "1";
const EXAMPLES = Deno.env.get("SKERRY_API_EXAMPLES") ?? (LONG ? "20" : "1");
/** Never tried. */
const NEVER: Partial<Record<Operation, string>> = {
  logout: "it ends the token that asks for all others",
  exec: "a WebSocket, which schemathesis does not speak: scenarios 010 and 120",
  run: "a WebSocket, too",
  build: "it takes archives, which schemathesis does not make: scenario 032",
  loadImages: "archives, too: scenario 075",
};
/** Left to the long mode. */
const DEAR: Partial<Record<Operation, string>> = {
  plan: "it takes whole models: thousands of cases",
  createRelease: "it takes whole models, too",
  edit: "it takes lists of changes: thousands of cases",
  planEdit: "it takes the same",
  status: "it takes whole reports of nodes: thousands of cases, and all of them unsigned",
  logs: "it goes on until somebody leaves",
  events: "it goes on, too",
  releaseEvents: "it goes on, too",
};
const LEFT_OUT: Partial<Record<Operation, string>> = LONG ? NEVER : { ...NEVER, ...DEAR };

function whatIsTried(): string {
  const all = Object.keys(ENDPOINTS).length;
  const left = Object.entries(LEFT_OUT).map(([name, why]) => `${name} (${why})`);
  return `${all - left.length} of ${all} operations are tried; left out: ${left.join("; ")}`;
}

function serve(h: Harness, vouched: Vouched): { url: string } & AsyncDisposable {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    (request) => h.app.fetch(request, vouched),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** What it says, where it found anything; null: nothing. */
async function faultsAt(url: string, token: string | null): Promise<string | null> {
  const home = await Deno.makeTempDir();
  try {
    const { success, stdout, stderr } = await new Deno.Command(PROGRAM, {
      args: [
        ...["run", `${url}/api/v1/openapi.json`, "--no-color", "--seed", "1"],
        ...["--max-examples", EXAMPLES],
        ...["--phases", LONG ? "examples,coverage,fuzzing" : "coverage"],
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance," +
        "response_schema_conformance,unsupported_method",
        ...["--continue-on-failure", "--request-timeout", "10", "--suppress-health-check", "all"],
        ...Object.keys(LEFT_OUT).flatMap((name) => ["--exclude-operation-id", name]),
        ...(token === null ? [] : ["--header", `Authorization: Bearer ${token}`]),
      ],
      cwd: home,
      env: { HOME: home },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    const text = decoder.decode(stdout) + decoder.decode(stderr);
    return success ? null : text;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function shop(): Promise<Harness> {
  const h = await createHarness();
  const model = testModel("shop", { web: testService() });
  await h.api.createRelease("shop", testRequest(model));
  await h.agent.settle();
  await h.api.putSecret("db-password", new TextEncoder().encode("x"), "shop");
  return h;
}

Deno.test("the API does what its document says, as root asks", async (test) => {
  await test.step(whatIsTried(), () => undefined);
  await using h = await shop();
  await using server = serve(h, { kind: "root", via: "process" });
  assert.equal(await faultsAt(server.url, null), null);
});

Deno.test("the API does what its document says, as a viewer of one project asks", async () => {
  await using h = await shop();
  const grants = [{ role: "viewer" as const, project: ProjectName.parse("shop") }];
  const made = await h.api.createAccount({
    name: "anna",
    grants,
    password: "correct horse battery staple",
  });
  const { token } = await h.api.createToken({ name: "trial", grants }, made.account.name);
  await using server = serve(h, { kind: "anonymous", address: "127.0.0.1", secure: true });
  assert.equal(await faultsAt(server.url, token), null);
});
