/**
 * schemathesis against the running control plane: as root, as a viewer of one project, and as nobody.
 * No answer is a 500, none is undocumented, and each has the shape that the document says.
 *
 * SKERRY_API_EXAMPLES: how many requests of each sort an operation gets (default 3).
 */
import assert from "node:assert/strict";
import { createHarness, type Harness } from "../../control/testing/harness.ts";
import { testModel, testRequest, testService } from "../../control/testing/models.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import type { Vouched } from "../../control/authz/caller.ts";

const PROGRAM = "/usr/local/lib/skerry/schemathesis/bin/schemathesis";
const EXAMPLES = Deno.env.get("SKERRY_API_EXAMPLES") ?? "3";

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

async function tryAll(url: string, token: string | null): Promise<string> {
  const document = await Deno.makeTempFile({ suffix: ".json" });
  try {
    // Each caller is tried with the whole document, which nobody but the logged in may read.
    const { stdout, stderr } = await new Deno.Command(PROGRAM, {
      args: [
        ...["run", `${url}/api/v1/openapi.json`, "--no-color", "--seed", "1"],
        ...["--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing"],
        ...[
          "--checks",
          "not_a_server_error,status_code_conformance,content_type_conformance," +
          "response_headers_conformance,response_schema_conformance,unsupported_method",
        ],
        ...["--continue-on-failure", "--request-timeout", "20", "--suppress-health-check", "all"],
        ...(token === null ? [] : ["--header", `Authorization: Bearer ${token}`]),
      ],
      env: { PYTHONHASHSEED: "0", HOME: await Deno.makeTempDir() },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return decoder.decode(stdout) + decoder.decode(stderr);
  } finally {
    await Deno.remove(document);
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

function assertClean(text: string): void {
  assert.match(text, /No issues found|no issues found/, text.slice(-20_000));
}

Deno.test("the API does what its document says, as root asks", async () => {
  await using h = await shop();
  await using server = serve(h, { kind: "root", via: "process" });
  assertClean(await tryAll(server.url, null));
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
  assertClean(await tryAll(server.url, token));
});
