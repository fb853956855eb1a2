/**
 * The page of commands in the documentation, made from the commands themselves:
 * `deno run -A scripts/check/cli_page.ts` writes it, `deno task check` sees that it is true.
 */
import type { Command } from "commander";
import { createCli } from "../../cmd/cli.ts";
import { createFakeHost, idleDaemons } from "../../cmd/fake_host.ts";
import { createProgram } from "../../cmd/program.ts";

const PAGE = new URL("../../ui/docs/cli.md", import.meta.url);

const HEAD = `<!-- deno-fmt-ignore-file -->

# Commands

Every command takes \`--help\`, which has examples; \`skerry completion bash\`, \`zsh\` or \`fish\` makes
them complete, also with the names of what there is. Most take \`--home DIR\` (another Skerry on this
machine), \`--context NAME\` (one elsewhere), \`-p PROJECT\` and \`-o table|json|yaml\`. The exit code is 0
when it is done, 1 when it failed, 2 when it was written wrongly; \`exec\`, \`run\` and \`podman\` pass on
that of their command.

<!-- Made by scripts/check/cli_page.ts; do not edit by hand. -->
`;

const SHARED = new Set(["--home", "--context", "--project", "--output", "--help"]);
const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

function usageOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? ` <${name}>` : ` [${name}]`;
  });
  return words.join("");
}

function sections(command: Command, path: string): string[] {
  const shown = command.commands.filter((each) => !each.name().startsWith("__"));
  const own = shown.flatMap((each) => sections(each, `${path} ${each.name()}`));
  if (shown.length > 0) {
    return path === "skerry" ? own : [`\n## ${path}\n\n${command.description()}\n`, ...own];
  }
  const options = command.options.filter((option) => !SHARED.has(option.long ?? ""));
  const rows = options.map(({ flags, description }) =>
    `| \`${flags.replaceAll("|", "\\|")}\` | ${cell(description)} |\n`
  );
  const table = rows.length === 0 ? "" : `\n| option | |\n|---|---|\n${rows.join("")}`;
  const mark = path.split(" ").length === 2 ? "##" : "###";
  return [
    `\n${mark} ${path}\n\n\`${path}${usageOf(command)}\`: ${cell(command.description())}\n${table}`,
  ];
}

/** The whole page. */
export function cliPage(): string {
  const program = createProgram(createCli(createFakeHost(), () => undefined), idleDaemons);
  return HEAD + sections(program, "skerry").join("");
}

/** Null, or what is to be done. */
export async function cliPageFault(): Promise<string | null> {
  const written = await Deno.readTextFile(PAGE).catch(() => "");
  return written === cliPage()
    ? null
    : "ui/docs/cli.md is not what the commands say: deno run -A scripts/check/cli_page.ts";
}

if (import.meta.main) await Deno.writeTextFile(PAGE, cliPage());
