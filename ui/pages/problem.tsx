/** A page that cannot be shown: why, and what helps. */
import { Empty, PageHeader } from "../components/card.tsx";
import { LinkButton } from "../components/form.tsx";
import type { Markup } from "../markup.ts";

export interface ProblemProps {
  readonly title: string;
  readonly detail: string;
  readonly remedy: string | null;
}

/** `detail` says what is the matter, `remedy` what to do. */
export function ProblemPage({ title, detail, remedy }: ProblemProps): Markup {
  return (
    <>
      <PageHeader title={title} />
      <section class="card">
        <Empty title={detail}>
          {remedy !== null && <p>{remedy}</p>}
          <p>
            <LinkButton href="/">To the overview</LinkButton>
          </p>
        </Empty>
      </section>
    </>
  );
}
