/** The pages of one service beside each other. */
import { Tabs } from "../components/card.tsx";
import type { Markup } from "../markup.ts";
import { serviceHref } from "../text/hrefs.ts";

/** `here`: the one that is shown. */
export function ServiceTabs(
  { project, service, here }: {
    project: string;
    service: string;
    here: "state" | "logs" | "terminal";
  },
): Markup {
  const href = serviceHref(project, service);
  return (
    <Tabs
      label={`Pages of ${service}`}
      items={[
        { text: "State", href, here: here === "state" },
        { text: "Logs", href: `${href}/logs`, here: here === "logs" },
        { text: "Terminal", href: `${href}/terminal`, here: here === "terminal" },
      ]}
    />
  );
}
