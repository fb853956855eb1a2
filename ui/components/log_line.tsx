/** One line that a container wrote; its colours are classes, its text is text. */
import { ansiParts } from "../client/ansi.ts";
import type { ShownLine } from "../client/log_lines.ts";
import type { Markup } from "../markup.ts";

/** `18:04:05.123` of a time with nanoseconds. */
export function clockText(time: string): string {
  return /T(\d\d:\d\d:\d\d(?:\.\d{1,3})?)/.exec(time)?.[1] ?? time;
}

/** The same markup as ui/client/logs.ts makes. */
export function LogLineRow({ line, who }: { line: ShownLine; who: boolean }): Markup {
  return (
    <li class={`log-line ${line.stream}`}>
      <time datetime={line.time} title={line.time}>{clockText(line.time)}</time>
      {who && <span class="log-who">{`${line.service}/${line.slot}`}</span>}
      <span class="log-text">
        {ansiParts(line.text).map(({ text, style }) =>
          style === "" ? text : <span class={style}>{text}</span>
        )}
        {line.cut > 0 && <span class="log-cut">{`… ${line.cut} more characters`}</span>}
      </span>
    </li>
  );
}
