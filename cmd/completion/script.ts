/** Completion scripts for bash, zsh and fish, made from the commands themselves. */
import type { Command } from "commander";
import { COMPLETES } from "./names.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export interface Words {
  /** The command's words, such as `get services`; empty: the program itself. */
  readonly path: string;
  readonly next: readonly string[];
}

const isHidden = (command: Command) => command.name().startsWith("__");

/** Which words may follow each command, in the commands' order. */
export function completionWords(program: Command): Words[] {
  const walk = (command: Command, path: string): Words[] => {
    const shown = command.commands.filter((each) => !isHidden(each));
    return [
      {
        path,
        next: [
          ...shown.map((each) => each.name()),
          ...command.options.flatMap((option) => option.long ?? []),
          "--help",
        ],
      },
      ...shown.flatMap((each) => walk(each, `${path} ${each.name()}`.trim())),
    ];
  };
  return walk(program, "");
}

/**
 * The script. Words of commands stand in it, so that they come at once; names of what there is are
 * asked for by `skerry __complete`, and only where one may stand. zsh runs it through bashcompinit.
 */
export function completionScript(program: Command, shell: Shell): string {
  const words = completionWords(program);
  return shell === "fish" ? fish(words) : bash(words, shell);
}

const kindOf = (path: string) => COMPLETES[path] ?? "";

function bash(words: readonly Words[], shell: "bash" | "zsh"): string {
  const cases = words.map(({ path, next }) =>
    `    ${JSON.stringify(path)}) words=${JSON.stringify(next.join(" "))} kind="${kindOf(path)}" ;;`
  );
  const paths = words.map(({ path }) => path).filter((path) => path !== "");
  const zsh = shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  // `path` is PATH in zsh.
  return `${zsh}_skerry() {
  local known="|${paths.join("|")}|"
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local so_far="" word words="" kind="" project="" home="" before=""
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD-1))}"; do
    case "$before" in
      -p|--project) project="$word" ;;
      --home) home="$word" ;;
      *) case "$known" in *"|\${so_far:+$so_far }$word|"*) so_far="\${so_far:+$so_far }$word" ;; esac ;;
    esac
    before="$word"
  done
  case "$so_far" in
${cases.join("\n")}
  esac
  case "$previous" in -p|--project) words="" kind="project" project="" ;; esac
  case "$current" in -*) kind="" ;; esac
  if [ -n "$kind" ]; then
    words="$words $(skerry __complete "$kind" \${project:+-p "$project"} \${home:+--home "$home"} 2>/dev/null)"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _skerry skerry
`;
}

const fishQuoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function fish(words: readonly Words[]): string {
  const cases = words.map(({ path, next }) =>
    `    case ${fishQuoted(path)}\n      set words ${next.map(fishQuoted).join(" ")}\n` +
    `      set kind ${fishQuoted(kindOf(path))}`
  );
  const paths = words.map(({ path }) => path).filter((path) => path !== "");
  return `function __skerry_complete
  set -l known ${paths.map(fishQuoted).join(" ")}
  set -l tokens (commandline -opc)
  set -l path ''
  set -l project
  set -l home
  set -l before ''
  set -l words
  set -l kind ''
  for word in $tokens[2..-1]
    switch $before
      case -p --project
        set project -p $word
      case --home
        set home --home $word
      case '*'
        set -l next (string trim -- "$path $word")
        if contains -- $next $known
          set path $next
        end
    end
    set before $word
  end
  switch $path
${cases.join("\n")}
  end
  switch $before
    case -p --project
      set words
      set kind project
      set project
  end
  for word in $words
    echo $word
  end
  if test -n "$kind"; and not string match -q -- '-*' (commandline -ct)
    skerry __complete $kind $project $home 2>/dev/null
  end
end
complete -c skerry -f -a '(__skerry_complete)'
`;
}
