/** Networks and who is on them. */
import type { NetworkView } from "../../shared/api/views.ts";
import { Badge } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import type { Markup } from "../markup.ts";
import { serviceHref } from "../text/hrefs.ts";

/** `project/service` as a link. */
export function ServiceLink({ name }: { name: string }): Markup {
  const [project = "", service = ""] = name.split("/");
  return <a href={serviceHref(project, service)}>{name}</a>;
}

export function NetworkTable({ networks }: { networks: readonly NetworkView[] }): Markup {
  return (
    <Table
      caption="Networks and who is on them"
      rows={networks}
      columns={[
        { label: "Network", heads: true, cell: (each) => each.name },
        {
          label: "Way out",
          cell: (each) => each.internal ? <Badge tone="warn">internal</Badge> : "yes",
        },
        {
          label: "Services",
          wide: true,
          cell: (each) => (
            <ul class="inline">
              {each.services.map((name) => (
                <li>
                  <ServiceLink name={name} />
                </li>
              ))}
            </ul>
          ),
        },
      ]}
    />
  );
}
