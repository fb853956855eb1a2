/** One node: how it is, what runs on it. */
import type { NodeDescription } from "../../shared/api/descriptions.ts";
import { keptBytes } from "../../shared/model/disk.ts";
import { Card, Empty, Facts, PageHeader } from "../components/card.tsx";
import { Status } from "../components/status.tsx";
import { Ago, Moment } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";
import { ContainerTable } from "../parts/container_table.tsx";
import { VolumeTable } from "../parts/volume_table.tsx";
import { Why } from "../parts/why.tsx";
import { bytesText } from "../text/format.ts";
import { nodeState } from "./nodes.tsx";

export interface NodeProps extends NodeDescription {
  readonly plots?: Child;
}

function Disk({ disk }: { disk: NodeDescription["node"]["disk"] }): Markup {
  if (disk === null) return <p class="muted">The node has said nothing of its disk.</p>;
  const { kept } = disk;
  return (
    <>
      <p>
        <meter
          min={0}
          max={100}
          value={disk.usedPercent}
          high={disk.highPercent}
          aria-label={`${disk.usedPercent} % used`}
        />{" "}
        {disk.usedPercent} % used, {bytesText(disk.freeBytes)} free of {bytesText(disk.totalBytes)}
      </p>
      <Facts
        items={[
          { term: "Images", value: bytesText(kept.images) },
          { term: "Logs", value: bytesText(kept.logs) },
          { term: "Events", value: bytesText(kept.events) },
          { term: "Project files", value: bytesText(kept.files) },
          { term: "Metrics", value: bytesText(kept.metrics) },
          { term: "All of these", value: bytesText(keptBytes(kept)) },
          {
            term: "Budget",
            value: disk.budgetBytes === null ? "none" : bytesText(disk.budgetBytes),
          },
          {
            term: "Cleared last",
            value: disk.collected === null ? <span class="muted">not since it started</span> : (
              <>
                <Ago at={disk.collected.at} />, {bytesText(disk.collected.freedBytes)} freed
              </>
            ),
          },
        ]}
      />
    </>
  );
}

/** The page `/nodes/N`. */
export function NodePage({ node, why, containers, volumes, plots }: NodeProps): Markup {
  const { tone, word } = nodeState(node);
  return (
    <>
      <PageHeader
        title={node.name}
        crumbs={[{ text: "Nodes", href: "/nodes" }]}
        status={<Status tone={tone}>{word}</Status>}
      />
      {why.length > 0 && (
        <Card id="why" title="What is not as wished" count={why.length}>
          <Why verdicts={why} />
        </Card>
      )}
      {plots}
      <div class="columns">
        <Card id="about" title="About">
          <Facts
            items={[
              { term: "Last report", value: <Ago at={node.lastReportAt} /> },
              { term: "Agent", value: node.agentVersion ?? "not known" },
              {
                term: "Intent",
                value: node.reportedRevision === node.revision
                  ? `revision ${node.revision}, carried out`
                  : `revision ${node.revision}, the node is at ${node.reportedRevision ?? "none"}`,
              },
              { term: "Containers' subnet", value: <code>{node.containerSubnet}</code> },
              {
                term: "Ingress",
                value: node.ingress === null
                  ? "none"
                  : (
                    <Status tone={node.ingress.live ? "good" : "warn"}>
                      ports {node.ingress.httpPort} and {node.ingress.httpsPort}
                    </Status>
                  ),
              },
              { term: "Joined", value: <Moment at={node.createdAt} /> },
              { term: "Id", value: <code>{node.id}</code> },
            ]}
          />
        </Card>
        <Card id="disk" title="Disk">
          <Disk disk={node.disk} />
        </Card>
      </div>
      <Card id="containers" title="Containers" count={containers.length} flush>
        <ContainerTable
          containers={containers}
          of="node"
          empty={<Empty title="Nothing runs here yet" />}
        />
      </Card>
      {volumes.length > 0 && (
        <Card id="volumes" title="Volumes" count={volumes.length} flush>
          <VolumeTable volumes={volumes} empty={null} />
        </Card>
      )}
    </>
  );
}
