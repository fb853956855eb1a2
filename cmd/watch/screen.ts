/** A part of the terminal that is drawn anew in place. */
import { cutLine } from "../apply/progress.ts";
import type { Terminal } from "../terminal.ts";

export interface Screen {
  /** Lines over those that were drawn before; what does not fit is cut, and this is said. */
  draw(lines: readonly string[]): void;
  /** After the terminal's size changed its lines are no longer where they were. */
  resized(): void;
}

/** Can lines be drawn over here? */
export function canRedraw(
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return terminal.outIsTerminal && env["TERM"] !== "dumb";
}

export function createScreen(terminal: Terminal): Screen {
  let drawn = 0;
  return {
    draw(lines) {
      const { columns, rows } = terminal.size();
      // The last row is the cursor's.
      const room = Math.max(2, rows - 1);
      const more = lines.length - room;
      const shown = more <= 0
        ? lines
        : [...lines.slice(0, room - 1), `... and ${more + 1} more lines`];
      const up = drawn === 0 ? "" : `\x1b[${drawn}A`;
      const text = shown.map((line) => `\x1b[2K${cutLine(line, columns)}\n`).join("");
      terminal.out(`${up}${text}\x1b[J`);
      drawn = shown.length;
    },
    resized() {
      if (drawn === 0) return;
      terminal.out("\x1b[H\x1b[2J");
      drawn = 0;
    },
  };
}
