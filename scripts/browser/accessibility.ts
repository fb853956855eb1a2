/** axe-core on a page: what stands in the way of people with a screen reader, a keyboard or weak eyes. */
import axe from "axe-core/axe.min.js" with { type: "text" };
import type { Page } from "playwright-core";
import { z } from "zod";

const Results = z.object({
  violations: z.array(z.object({
    id: z.string(),
    help: z.string(),
    nodes: z.array(
      z.object({ target: z.array(z.unknown()), failureSummary: z.string().optional() }),
    ),
  })),
});

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** One line for each place that violates a rule. The page's own policy lets nothing in: axe comes by the debugger. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)}, resultTypes: ["violations"] })`,
  );
  return Results.parse(found).violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) =>
      `${id} (${help}): ${node.target.join(" ")} ${(node.failureSummary ?? "").slice(0, 200)}`
    )
  );
}
