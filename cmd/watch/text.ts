/** A description that is watched: drawn in place, else whole again each time that it changed. */
import type { Cli } from "../cli.ts";
import { canRedraw, createScreen } from "./screen.ts";

const TICK_MS = 1_000;

/** How an answer is shown. `text` is asked again for a later time, so that ages go on. */
export interface TextShown {
  text(): string;
  readonly json: unknown;
}

/** Shows each of the answers until they end. */
export async function watchText(
  cli: Cli,
  format: "table" | "json",
  answers: AsyncIterable<TextShown>,
): Promise<void> {
  const { terminal, env } = cli.host;
  if (format === "json") {
    for await (const { json } of answers) terminal.out(JSON.stringify(json) + "\n");
    return;
  }
  if (!canRedraw(terminal, env)) {
    let first = true;
    for await (const { text } of answers) {
      terminal.out(first ? text() : `---\n${text()}`);
      first = false;
    }
    return;
  }
  const screen = createScreen(terminal);
  let shown: TextShown | null = null;
  const draw = () => {
    if (shown !== null) screen.draw(shown.text().replace(/\n$/, "").split("\n"));
  };
  const ticking = setInterval(draw, TICK_MS);
  const stop = cli.host.onResize(() => {
    screen.resized();
    draw();
  });
  try {
    for await (const answer of answers) {
      shown = answer;
      draw();
    }
  } finally {
    clearInterval(ticking);
    stop();
  }
}
