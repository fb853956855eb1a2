/** Who may reach whom. */
import type { FirewallView } from "../../shared/api/reach.ts";
import { Card, Empty, PageHeader } from "../components/card.tsx";
import { Badge } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import type { Markup } from "../markup.ts";
import { ServiceLink } from "../parts/network_table.tsx";

/** The page `/firewall`. */
export function FirewallPage({ networks, published }: FirewallView): Markup {
  return (
    <>
      <PageHeader
        title="Firewall"
        lead="Services that share a network reach each other; nothing else gets to a container but through a route or a published port."
      />
      <Card id="networks" title="Inside: by network" count={networks.length} flush>
        <Table
          caption="Networks: who is on one reaches all others on it"
          rows={networks}
          rowId={(each) => `network-${each.network.replaceAll(/[^\w-]/g, "-")}`}
          empty={
            <Empty title="No network has a member yet">
              <p>Each project that is applied gets one of its own, and those of its file.</p>
            </Empty>
          }
          columns={[
            { label: "Network", heads: true, cell: (each) => each.network },
            {
              label: "These reach each other",
              wide: true,
              cell: (each) => (
                <ul class="inline">
                  {each.members.map(({ project, service }) => (
                    <li>
                      <ServiceLink name={`${project}/${service}`} />
                    </li>
                  ))}
                </ul>
              ),
            },
            {
              label: "Way out",
              cell: (each) =>
                each.internal
                  ? <Badge tone="warn">none (internal)</Badge>
                  : "to the LAN and beyond",
            },
          ]}
        />
      </Card>
      <Card id="published" title="From outside: published ports" count={published.length} flush>
        <Table
          caption="Ports of the node that lead to a container"
          rows={published}
          empty={
            <Empty title="No port of a node leads to a container">
              <p>
                Requests come in through{" "}
                <a href="/routes">routes</a>; for other protocols name the port under{" "}
                <code>ports:</code> in the compose file.
              </p>
            </Empty>
          }
          columns={[
            {
              label: "Port of the node",
              heads: true,
              cell: (each) =>
                `${each.hostAddress ?? "every address"}, ${each.hostPort}/${each.protocol}`,
            },
            { label: "Node", cell: (each) => each.node },
            {
              label: "Leads to",
              cell: (each) => <ServiceLink name={`${each.project}/${each.service}`} />,
            },
            { label: "Its port", end: true, cell: (each) => each.containerPort },
          ]}
        />
      </Card>
      <Card id="always" title="Always so">
        <ul class="stack-text">
          <li>A container reaches the node itself on port 53 (names) alone.</li>
          <li>The node reaches every container.</li>
          <li>From the LAN no container's address is reached, only routes and published ports.</li>
          <li>
            What is refused to a container is refused at once, so that programs need not wait.
          </li>
        </ul>
      </Card>
    </>
  );
}
