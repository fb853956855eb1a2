/** `skerry completion bash|zsh|fish`, and the hidden verb that its scripts ask for names. */
import { Argument, type Command } from "commander";
import {
  type Cli,
  contextOption,
  examples,
  homeOption,
  projectOption,
  sharedOptions,
  withApi,
} from "../cli.ts";
import { NAMED, type Named, namesOf } from "../completion/names.ts";
import { completionScript, type Shell, SHELLS } from "../completion/script.ts";
import { createContextBook } from "../contexts/book.ts";

/** Whoever types waits for it. */
const WITHIN_MS = 300;

async function names(cli: Cli, command: Command, kind: Named): Promise<string[]> {
  if (kind === "context") {
    return Object.keys((await createContextBook(cli.host.env).read()).contexts).sort();
  }
  const { project } = sharedOptions(command);
  return await withApi(cli, command, (api) => namesOf(api, kind, project));
}

/** Adds `completion`. */
export function addCompletion(program: Command, cli: Cli): void {
  const completion = program.command("completion")
    .description("a completion script for your shell")
    .addArgument(new Argument("<shell>").choices([...SHELLS]));
  examples(
    completion,
    "skerry completion bash > /etc/bash_completion.d/skerry",
    "skerry completion zsh > ~/.skerry.zsh && echo 'source ~/.skerry.zsh' >> ~/.zshrc",
    "skerry completion fish > ~/.config/fish/completions/skerry.fish",
  );
  completion.action((shell: Shell) => {
    cli.host.terminal.out(completionScript(program, shell));
  });

  const complete = program.command("__complete", { hidden: true })
    .description("names for the shell")
    .addOption(homeOption()).addOption(contextOption()).addOption(projectOption());
  complete.addArgument(new Argument("<kind>").choices([...NAMED]));
  complete.action(async (kind: Named, _raw: unknown, command: Command) => {
    const late = new AbortController();
    const found = await Promise.race([
      names(cli, command, kind).catch(() => []),
      cli.host.clock.sleep(WITHIN_MS, late.signal).then((): string[] => []),
    ]);
    late.abort();
    cli.host.terminal.out(found.map((name) => `${name}\n`).join(""));
  });
}
