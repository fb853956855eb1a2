import assert from "node:assert/strict";
import { createFakeControl, idText } from "../fake_control.ts";
import { createFakeHost, idleDaemons, NOW } from "../fake_host.ts";
import { createApiClient } from "../../shared/api/client.ts";
import { runProgram } from "../program.ts";
import { namesOf } from "./names.ts";

const serviceOf = (project: string, name: string) => ({
  id: idText("svc", name.slice(0, 1)),
  project,
  name,
  kind: "service",
  image: { reference: "nginx:1", digest: null, id: null },
  slots: { wanted: 1, running: 1, ready: 1 },
  stage: "running",
  health: "healthy",
  reason: null,
  urls: [],
  ports: [],
});

async function scriptOf(shell: string): Promise<string> {
  const host = createFakeHost();
  assert.equal(await runProgram(["completion", shell], host, idleDaemons), 0);
  return host.printed();
}

Deno.test("names are sorted, each once, and none that a shell would take apart", async () => {
  const services = [serviceOf("shop", "web"), serviceOf("other", "web"), serviceOf("shop", "db")];
  const { transport } = createFakeControl({ services, projects: [] });
  const api = createApiClient(transport);
  assert.deepEqual(await namesOf(api, "service", undefined), ["db", "web"]);
  assert.deepEqual(await namesOf(api, "project", undefined), []);
});

Deno.test("without a control plane nothing is said, and nothing fails", async () => {
  const host = createFakeHost();
  assert.equal(await runProgram(["__complete", "service"], host, idleDaemons), 0);
  assert.deepEqual([host.printed(), host.said(), NOW > 0], ["", "", true]);
});

/** A `skerry` that has the names of two services, and a shell that completes a line with it. */
async function completes(shell: string, line: string): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    const script = `${folder}/completion`;
    await Deno.writeTextFile(script, await scriptOf(shell));
    await Deno.writeTextFile(
      `${folder}/skerry`,
      '#!/bin/sh\ncase "$*" in\n"__complete service -p shop") echo cart ;;\n' +
        '"__complete service") printf "web\\nworker\\n" ;;\n"__complete project") echo shop ;;\nesac\n',
      { mode: 0o755 },
    );
    const words = line.split(" ");
    const asked: Record<string, string[]> = {
      bash: [
        "bash",
        "--norc",
        "-c",
        'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _skerry; ' +
        'printf "%s\\n" "${COMPREPLY[@]}"',
        script,
        ...words,
      ],
      zsh: [
        "zsh",
        "-f",
        "-c",
        'autoload -U +X compinit && compinit -u -D; source "$0"; setopt ksharrays shwordsplit; ' +
        'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _skerry; printf "%s\\n" "${COMPREPLY[@]}"',
        script,
        ...words,
      ],
      fish: ["fish", "--no-config", "-c", `source ${script}; complete -C '${line}'`],
    };
    const [program = "", ...args] = asked[shell] ?? [];
    const { stdout, stderr } = await new Deno.Command(program, {
      args,
      stdin: "null",
      env: { PATH: `${folder}:${Deno.env.get("PATH")}`, HOME: folder, TERM: "dumb" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.notEqual(text + line, "", new TextDecoder().decode(stderr));
    // zsh itself leaves out what does not begin so.
    const current = words.at(-1) ?? "";
    return text.split("\n").map((each) => each.split("\t")[0] ?? "")
      .filter((each) => each !== "" && each.startsWith(current));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const shell of ["bash", "zsh", "fish"]) {
  Deno.test(`${shell} completes commands, options and names`, async () => {
    assert.ok((await completes(shell, "skerry desc")).includes("describe"));
    assert.deepEqual(await completes(shell, "skerry describe service w"), ["web", "worker"]);
    assert.deepEqual(await completes(shell, "skerry logs wo"), ["worker"]);
    assert.deepEqual(await completes(shell, "skerry describe service -p shop c"), ["cart"]);
    assert.deepEqual(await completes(shell, "skerry logs -p s"), ["shop"]);
    assert.ok((await completes(shell, "skerry logs --fo")).includes("--follow"));
    assert.ok(!(await completes(shell, "skerry ")).includes("__complete"));
  });
}
