/** `skerry docs`: the documentation in the terminal. */
import type { Command } from "commander";
import { SkerryError } from "../../shared/errors.ts";
import { type Cli, examples, subcommand } from "../cli.ts";

/** Markdown's marks that a terminal does better without. */
function terminalText(text: string, heading: (line: string) => string): string {
  let code = false;
  return text.split("\n").flatMap((line) => {
    if (line.startsWith("```")) {
      code = !code;
      return [];
    }
    if (code) return [`    ${line}`];
    if (/^#+ /.test(line)) return [heading(line.replace(/^#+ /, ""))];
    return [line.replace(/\[([^\]]*)\]\(([a-z0-9-]+)\.md[^)]*\)/g, "$1 (skerry docs $2)")];
  }).join("\n");
}

/** Adds `docs`. */
export function addDocs(program: Command, cli: Cli): void {
  const command = subcommand(program, "docs [page]", "the documentation, also without a network");
  examples(command, "skerry docs", "skerry docs jobs", "skerry docs --search volume");
  command.option("--search <words>", "pages that hold all of these words");
  command.action(async (name: string | undefined, options: { search?: string }) => {
    const { DOC_GROUPS, DOC_PAGES, docTitle, searchDocs } = await import("../../ui/docs/pages.ts");
    const { terminal, paint } = { terminal: cli.host.terminal, paint: cli.paint };
    if (options.search !== undefined) {
      for (const { page, line } of searchDocs(options.search)) {
        terminal.out(`${paint("good", page.name)}  ${docTitle(page)}\n    ${line}\n`);
      }
      return;
    }
    if (name === undefined) {
      for (const { title, pages } of DOC_GROUPS) {
        terminal.out(`${title}\n`);
        for (const page of pages) terminal.out(`  ${page.name.padEnd(22)} ${docTitle(page)}\n`);
      }
      return;
    }
    const page = DOC_PAGES.find((each) => each.name === name);
    if (page === undefined) {
      throw new SkerryError(
        "not_found",
        `the documentation has no page "${name}"`,
        "`skerry docs` lists those that there are.",
      );
    }
    terminal.out(terminalText(page.text, (line) => paint("good", line)).trimEnd() + "\n");
  });
}
