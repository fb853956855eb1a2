/**
 * Shows a release on its way: a table that redraws itself on a terminal, else a line for each
 * change.
 */
import type { ReleaseView, SlotProgress } from "../../shared/api/release.ts";
import type { z } from "zod";
import { type Column, tableLines } from "../output/table.ts";
import { healthTone, reasonText, stageTone } from "../output/words.ts";
import { type Paint, painter, printable, type Terminal } from "../terminal.ts";

type View = z.infer<typeof ReleaseView>;
type Slot = z.infer<typeof SlotProgress>;

export interface Progress {
  show(view: View): void;
  /** Leaves the last state standing. */
  close(): void;
}

function whyOf(slot: Slot): string {
  return slot.pull ?? reasonText(slot.reason);
}

/** The line of one slot, where there is no terminal. */
export function slotLine(slot: Slot): string {
  const why = whyOf(slot);
  const done = slot.done ? (slot.change === "removed" ? "gone" : slot.stage) : slot.stage;
  return printable(`${slot.service}/${slot.slot} ${done}${why === "" ? "" : `: ${why}`}`);
}

function createLines(terminal: Terminal): Progress {
  const said = new Map<string, string>();
  return {
    show(view) {
      for (const slot of view.slots) {
        if (slot.change === "unchanged") continue;
        const line = slotLine(slot);
        if (said.get(slot.deployment) === line) continue;
        said.set(slot.deployment, line);
        terminal.err(line + "\n");
      }
    },
    close() {},
  };
}

const COLUMNS: readonly Column<Slot>[] = [
  { title: "SERVICE", cell: (slot) => `${slot.service}/${slot.slot}` },
  { title: "CHANGE", cell: (slot) => slot.change },
  { title: "STAGE", cell: (slot) => ({ text: slot.stage, tone: stageTone(slot.stage) }) },
  { title: "HEALTH", cell: (slot) => ({ text: slot.health, tone: healthTone(slot.health) }) },
  { title: "WHY", cell: whyOf },
];

/** A row cut to the terminal's width; colours do not count. */
export function cutLine(line: string, columns: number): string {
  let width = 0;
  let text = "";
  // deno-lint-ignore no-control-regex
  for (const [part] of line.matchAll(/\x1b\[[0-9;]*m|[^]/gu)) {
    if (part.startsWith("\x1b")) text += part;
    else if (width < columns) {
      text += part;
      width++;
    }
  }
  return text;
}

function createTable(terminal: Terminal, paint: Paint): Progress {
  let drawn = 0;
  return {
    show(view) {
      const { columns, rows } = terminal.size();
      const slots = view.slots.filter((slot) => slot.change !== "unchanged");
      const open = slots.filter((slot) => !slot.done);
      const room = Math.max(3, rows - 3);
      const shown = slots.length <= room ? slots : open.slice(0, room);
      const lines = tableLines(COLUMNS, shown, paint);
      if (shown.length < slots.length) {
        lines.push(`${slots.length - open.length} of ${slots.length} done`);
      }
      const up = drawn === 0 ? "" : `\x1b[${drawn}A`;
      terminal.err(
        up + lines.map((line) => `\x1b[2K${cutLine(line, columns)}\n`).join("") + "\x1b[J",
      );
      drawn = lines.length;
    },
    close() {
      drawn = 0;
    },
  };
}

/** Progress on standard error: live on a terminal, lines elsewhere. */
export function createProgress(
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>>,
): Progress {
  const live = terminal.errIsTerminal && env["TERM"] !== "dumb";
  return live ? createTable(terminal, painter(true, env)) : createLines(terminal);
}
