/** Why something is not as it is wished: what the node says, with what helps. */
import type { ReportedVerdict } from "../../shared/model/verdict.ts";
import { Notice } from "../components/card.tsx";
import { Ago } from "../components/time.tsx";
import type { Markup } from "../markup.ts";

function toneOf(kind: ReportedVerdict["kind"]): "good" | "busy" | "bad" {
  switch (kind) {
    case "converged":
      return "good";
    case "do":
    case "waiting":
      return "busy";
    case "blocked":
      return "bad";
  }
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** Blocked ones first. */
export function Why({ verdicts }: { verdicts: readonly ReportedVerdict[] }): Markup {
  const rank = (each: ReportedVerdict) => each.kind === "blocked" ? 0 : 1;
  return (
    <ul class="notices">
      {verdicts.toSorted((a, b) => rank(a) - rank(b)).map((each) => (
        <li>
          <Notice tone={toneOf(each.kind)} title={sentence(each.reason.message)}>
            {each.remedy !== undefined && <p>{sentence(each.remedy)}</p>}
            {each.since !== undefined && (
              <p class="small">
                since <Ago at={each.since} />
              </p>
            )}
            {each.until !== undefined && (
              <p class="small">
                next try <Ago at={each.until} />
              </p>
            )}
          </Notice>
        </li>
      ))}
    </ul>
  );
}
