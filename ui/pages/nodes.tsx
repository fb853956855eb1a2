/** All nodes. */
import type { NodeView } from "../../shared/api/views.ts";
import { Card, Command, Empty, PageHeader } from "../components/card.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Ago } from "../components/time.tsx";
import type { Markup } from "../markup.ts";
import { bytesText, type Tone } from "../text/format.ts";
import { nodeHref } from "../text/hrefs.ts";

/** How a node is, from its last report. */
export function nodeState(node: NodeView): { readonly tone: Tone; readonly word: string } {
  if (!node.online) return { tone: "bad", word: "does not report" };
  if (node.verdicts.some((each) => each.kind === "blocked")) {
    return { tone: "warn", word: "hindered" };
  }
  if (node.disk !== null && node.disk.level === "full") return { tone: "bad", word: "disk full" };
  if (node.disk !== null && node.disk.level === "filling") {
    return { tone: "warn", word: "disk filling" };
  }
  return node.state === "processing"
    ? { tone: "busy", word: "at work" }
    : { tone: "good", word: "online" };
}

/** The page `/nodes`. */
export function NodesPage({ nodes }: { nodes: readonly NodeView[] }): Markup {
  return (
    <>
      <PageHeader title="Nodes" lead="The boxes that containers run on." />
      <Card id="nodes" title="Nodes" count={nodes.length} flush>
        <Table
          caption="Nodes and how they are"
          rows={nodes}
          rowId={(each) => each.id}
          empty={
            <Empty title="No box has joined yet">
              <p>
                <Command>skerry up</Command> makes this machine one; it joins by itself.
              </p>
            </Empty>
          }
          columns={[
            {
              label: "Node",
              heads: true,
              cell: (each) => <a href={nodeHref(each.name)}>{each.name}</a>,
            },
            {
              label: "State",
              cell: (each) => {
                const { tone, word } = nodeState(each);
                return <Status tone={tone}>{word}</Status>;
              },
            },
            {
              label: "Disk",
              end: true,
              cell: (each) =>
                each.disk === null
                  ? <span class="muted">not known</span>
                  : `${each.disk.usedPercent} % of ${bytesText(each.disk.totalBytes)}`,
            },
            {
              label: "Containers' subnet",
              cell: (each) => <span class="mono">{each.containerSubnet}</span>,
            },
            { label: "Agent", cell: (each) => each.agentVersion },
            { label: "Joined", cell: (each) => <Ago at={each.createdAt} /> },
          ]}
        />
      </Card>
    </>
  );
}
