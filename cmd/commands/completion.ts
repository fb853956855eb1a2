/** `skerry completion bash|zsh`: a script for the shell, made from the commands themselves. */
import { Argument, type Command } from "commander";
import { type Cli, examples } from "../cli.ts";

interface Words {
  /** The command's words, such as `get services`; empty: the program itself. */
  readonly path: string;
  readonly next: readonly string[];
}

/** Which words may follow each command, in the commands' order. */
export function completionWords(program: Command): Words[] {
  const walk = (command: Command, path: string): Words[] => [
    {
      path,
      next: [
        ...command.commands.map((each) => each.name()),
        ...command.options.flatMap((option) => option.long ?? []),
        "--help",
      ],
    },
    ...command.commands.flatMap((each) => walk(each, `${path} ${each.name()}`.trim())),
  ];
  return walk(program, "");
}

/** The script; zsh runs it through bashcompinit. */
export function completionScript(program: Command, shell: "bash" | "zsh"): string {
  const cases = completionWords(program)
    .map(({ path, next }) =>
      `    ${JSON.stringify(path)}) words=${JSON.stringify(next.join(" "))} ;;`
    )
    .join("\n");
  const zsh = shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  return `${zsh}_skerry() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _skerry skerry
`;
}

/** Adds `completion`. */
export function addCompletion(program: Command, cli: Cli): void {
  const completion = program.command("completion")
    .description("a completion script for your shell")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh"]));
  examples(completion, "skerry completion bash > /etc/bash_completion.d/skerry");
  completion.action((shell: "bash" | "zsh") => {
    cli.host.terminal.out(completionScript(program, shell));
  });
}
