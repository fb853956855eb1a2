/** What texts say to type, held against the program's own commands and flags. */
import type { Command } from "commander";
import { createCli } from "../../cmd/cli.ts";
import { createFakeHost, idleDaemons } from "../../cmd/fake_host.ts";
import { createProgram } from "../../cmd/program.ts";

/** Words that follow "skerry" where it is the program that is meant, and no command. */
const PROSE = new Set(["answers", "does", "on"]);

/** Stands for what a template fills in. */
const FILLED = "X";

/** The command of a text that is to be typed, from behind `skerry `. */
interface Named {
  readonly text: string;
  readonly line: number;
}

/** All that a source says to type: in its texts, not in its comments. */
export function namedInSource(source: string): Named[] {
  const lines = source.split("\n");
  const texts = lines.map((line) => /^\s*(\/\/|\/?\*)/.test(line) ? "" : line);
  // A text over several lines counts for the line that it begins in.
  for (let at = texts.length - 1; at > 0; at--) {
    const before = texts[at - 1] ?? "";
    const begins = /^\s*["'`]/.exec(texts[at] ?? "");
    if (begins === null || !/["'`] \+$/.test(before)) continue;
    texts[at - 1] = before.slice(0, -3) + (texts[at] ?? "").slice(begins[0].length);
    texts[at] = "";
  }
  return texts.flatMap((text, at) =>
    found(text.replaceAll(/\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, FILLED), at + 1)
  );
}

/** All that a page of the documentation says to type: in its code. */
export function namedInPage(page: string): Named[] {
  let isCode = false;
  return page.split("\n").flatMap((text, at) => {
    if (/^\s*```/.test(text)) isCode = !isCode;
    if (isCode) return /^\s*(sudo )?skerry /.test(text) ? found(text, at + 1) : [];
    return [...text.matchAll(/`((?:sudo )?skerry [^`]*)`/g)].flatMap(([, code]) =>
      found(code ?? "", at + 1)
    );
  });
}

function found(text: string, line: number): Named[] {
  return [...text.matchAll(/(?<![\w/.-])skerry ((?:(?!\bskerry )[^"'`\\<|#]|\\(?!`|n))*)/g)]
    .map(([, rest]) => ({ text: (rest ?? "").trim(), line }))
    .filter(({ text }) => /^[a-z_]/.test(text));
}

/** The commands as they are. */
export function programCommands(): Command {
  return createProgram(createCli(createFakeHost(), () => undefined), idleDaemons);
}

function optionOf(command: Command, flag: string) {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const option = at.options.find(({ short, long }) => short === flag || long === flag);
    if (option !== undefined) return option;
  }
  return null;
}

/**
 * Null, or what is wrong with it.
 * @param mayBeGroup it may be of a group of commands, not of one to type
 */
export function commandFault(
  program: Command,
  text: string,
  mayBeGroup = false,
): string | null {
  let command = program;
  let isValue = false;
  for (const written of text.split(/\s+/)) {
    const word = written.replace(/[.,;:)\]]+$/, "").replace(/^[([]/, "");
    const isLast = word !== written;
    if (word === "…" || word === "--") return null;
    // Only a running program knows which it is.
    if (command.commands.length > 0 && word.startsWith(FILLED)) return null;
    if (isValue) {
      isValue = false;
    } else if (/^--?[a-z]/.test(word)) {
      const flag = word.split("=")[0] ?? word;
      if (flag !== "--help" && flag !== "-h") {
        const option = optionOf(command, flag);
        if (option === null) return `"${command.name()}" has no ${flag}`;
        isValue = option.required && !word.includes("=");
      }
    } else if (command.commands.length > 0) {
      const next = command.commands.find((each) => each.name() === word);
      if (next === undefined) {
        if (command === program && PROSE.has(word)) return null;
        const names = command.commands.map((each) => each.name()).join(", ");
        return `"${command.name()}" has no "${word}", but ${names}`;
      }
      command = next;
    }
    if (isLast) break;
  }
  return command.commands.length === 0 || command === program || mayBeGroup
    ? null
    : `"${command.name()}" says nothing alone`;
}
