/** What keeps something from being done: each fault with its remedy, at its line where there is one. */
import type { Markup } from "../markup.ts";
import { Notice } from "./card.tsx";

export interface Fault {
  readonly message: string;
  readonly remedy: string | null;
}

export interface LineFault extends Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line itself; null: it cannot be shown. */
  readonly source: string | null;
}

/** Faults without a place. */
export function Faults({ title, faults }: { title: string; faults: readonly Fault[] }): Markup {
  return (
    <div class="stack" role="alert">
      <h2 class="faults-title">{title}</h2>
      {faults.map(({ message, remedy }) => (
        <Notice tone="bad" title={message}>{remedy ?? undefined}</Notice>
      ))}
    </div>
  );
}

/** One fault with the line that it is in. */
function AtLine({ fault, tone }: { fault: LineFault; tone: "bad" | "warn" }): Markup {
  const { file, line, column, source, message, remedy } = fault;
  return (
    <li class={`fault ${tone}`}>
      <p class="fault-head">
        <code>{`${file}:${line}:${column}`}</code> <strong>{message}</strong>
      </p>
      {source !== null && (
        <pre class="fault-source" tabindex={0} role="group" aria-label={`Line ${line} of ${file}`}>
          <span class="fault-line" aria-hidden="true">{line}</span>
          <code>{source === "" ? " " : source}</code>
        </pre>
      )}
      {remedy !== null && <p class="muted">{remedy}</p>}
    </li>
  );
}

/** Faults of files, in their order. */
export function LineFaults(
  { faults, tone = "bad" }: { faults: readonly LineFault[]; tone?: "bad" | "warn" },
): Markup {
  return (
    <ul class="faults">
      {faults.map((fault) => <AtLine fault={fault} tone={tone} />)}
    </ul>
  );
}
