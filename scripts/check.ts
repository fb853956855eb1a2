/**
 * `deno task check`: format, lint, types and the rules of the code's shape. Prints a line for each
 * and ends with `N passed, N failed`; exit code 1 where one failed.
 */
import { cliPageFault } from "./check/cli_page.ts";
import { differencesFault } from "./check/compose_differences.ts";
import { composeTableFault } from "./check/compose_table.ts";
import { configurationPageFault } from "./check/configuration_page.ts";
import { metricsTableFault } from "./check/metrics_table.ts";
import { RULES, violations } from "./check/rules.ts";
import { readSources, SOURCE_FOLDERS } from "./check/sources.ts";

const root = new URL("..", import.meta.url).pathname;
const encoder = new TextEncoder();
const say = (text: string) => Deno.stdout.writeSync(encoder.encode(text + "\n"));

async function deno(...args: string[]): Promise<string | null> {
  const done = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  if (done.success) return null;
  const decoder = new TextDecoder();
  return decoder.decode(done.stdout) + decoder.decode(done.stderr);
}

const isClient = (path: string) => path.startsWith("ui/client/");

/** The packages that they import are those of deno.json. */
async function clientTypes(): Promise<string | null> {
  const config = "ui/client/.check.json";
  const [options, project] = await Promise.all(
    [`${root}/scripts/check/client.json`, `${root}/deno.json`].map(async (path) =>
      JSON.parse(await Deno.readTextFile(path))
    ),
  );
  await Deno.writeTextFile(
    `${root}/${config}`,
    JSON.stringify({ ...options, imports: project.imports }),
  );
  try {
    return await deno(
      "check",
      "--quiet",
      "--no-lock",
      "--config",
      config,
      ...files.filter(isClient),
    );
  } finally {
    await Deno.remove(`${root}/${config}`);
  }
}

const sources = await readSources(root.replace(/\/$/, ""));
const files = sources.map((source) => source.path);
const checks: [string, () => Promise<string | null>][] = [
  ["format", () => deno("fmt", "--check", "--quiet", ...SOURCE_FOLDERS, "deno.json")],
  ["lint", () => deno("lint", "--quiet", ...SOURCE_FOLDERS)],
  ["types", () => deno("check", "--quiet", ...files.filter((path) => !isClient(path)))],
  // They run in browsers, which have other types than Deno.
  ["types of what runs in browsers", clientTypes],
  ["the table of compose keys is up to date", composeTableFault],
  ["the page of commands is up to date", cliPageFault],
  ["the page of settings is up to date", configurationPageFault],
  ["the table of metrics is up to date", metricsTableFault],
  ["the page of differences to compose-go is up to date", differencesFault],
  ...RULES.map((rule): [string, () => Promise<string | null>] => [
    rule.name,
    async () => violations(sources, rule).join("\n") || null,
  ]),
];
let failed = 0;
for (const [name, check] of checks) {
  const fault = await check();
  say(`${fault === null ? "ok  " : "FAIL"}  ${name}`);
  if (fault === null) continue;
  failed++;
  say(fault.trimEnd());
}
say(`${checks.length - failed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
