/** What is wrong now, first; then what there is, and what changed. */
import type { ChangeView, NodeView, ProjectView, ServiceView } from "../../shared/api/views.ts";
import { Card, Command, Empty, Notice, PageHeader } from "../components/card.tsx";
import { LinkButton } from "../components/form.tsx";
import type { Child, Markup } from "../markup.ts";
import { ChangeTable } from "../parts/change_table.tsx";
import { isUndone, ProjectTable, Undone } from "../parts/project_table.tsx";
import { ServiceStatus, ServiceTable } from "../parts/service_table.tsx";
import { Why } from "../parts/why.tsx";
import { countText, serviceTone } from "../text/format.ts";
import { nodeHref, serviceHref } from "../text/hrefs.ts";

export interface OverviewProps {
  readonly nodes: readonly NodeView[];
  readonly projects: readonly ProjectView[];
  readonly services: readonly ServiceView[];
  readonly changes: readonly ChangeView[];
  /** Plots of the nodes' resources. */
  readonly plots?: Child;
}

/** So many ill services are told one by one. */
const TOLD = 8;

function Figure({ name, children }: { name: string; children: Child }): Markup {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Ill({ service }: { service: ServiceView }): Markup {
  return (
    <li>
      <Notice
        tone={serviceTone(service) === "bad" ? "bad" : "warn"}
        title={
          <>
            <a href={serviceHref(service.project, service.name)}>
              {service.project}/{service.name}
            </a>{" "}
            <ServiceStatus service={service} />
          </>
        }
      >
        <p>
          {service.reason?.message ??
            `${service.slots.running} of ${countText(service.slots.wanted, "replica")} run.`}
        </p>
      </Notice>
    </li>
  );
}

function Wrong(
  { nodes, projects, services }: Pick<OverviewProps, "nodes" | "projects" | "services">,
): Markup {
  const ill = services.filter((each) => ["bad", "warn"].includes(serviceTone(each)));
  const silent = nodes.filter((each) => !each.online);
  const verdicts = nodes.flatMap((each) => each.verdicts.filter(({ kind }) => kind === "blocked"));
  const disks = nodes.filter((each) => each.disk !== null && each.disk.level !== "ok");
  // Where a service of it is ill, that says more.
  const told = new Set(ill.map(({ project }) => project));
  const undone = projects.filter((each) => isUndone(each) && !told.has(each.name));
  const count = ill.length + silent.length + verdicts.length + disks.length + undone.length;
  const changing = services.filter((each) => serviceTone(each) === "busy").length;
  if (count === 0 && changing > 0) {
    return (
      <Notice id="wrong" tone="busy" title="Nothing needs attention">
        <p>{countText(changing, "service")} on the way to what is wished.</p>
      </Notice>
    );
  }
  if (count === 0) {
    return (
      <Notice id="wrong" tone="good" title="Everything is as it is wished">
        <p>{countText(services.length, "service")} on {countText(nodes.length, "node")}.</p>
      </Notice>
    );
  }
  return (
    <Card id="wrong" title="Needs attention" count={count}>
      <ul class="notices">
        {silent.map((node) => (
          <li>
            <Notice
              tone="bad"
              title={
                <>
                  <a href={nodeHref(node.name)}>{node.name}</a> does not report
                </>
              }
            >
              <p>What runs there goes on; see whether the box has power and a network.</p>
            </Notice>
          </li>
        ))}
        {disks.map((node) => (
          <li>
            <Notice
              tone={node.disk?.level === "full" ? "bad" : "warn"}
              title={
                <>
                  The disk of <a href={nodeHref(node.name)}>{node.name}</a> is{" "}
                  {node.disk?.usedPercent} % full
                </>
              }
            >
              <p>
                See what may go with <Command>skerry image prune</Command>.
              </p>
            </Notice>
          </li>
        ))}
        {ill.slice(0, TOLD).map((service) => <Ill service={service} />)}
        {undone.slice(0, TOLD).map((project) => (
          <li>
            <Undone project={project} />
          </li>
        ))}
      </ul>
      {verdicts.length > 0 && <Why verdicts={verdicts} />}
      {ill.length > TOLD && (
        <p class="muted">
          and {ill.length - TOLD} more, marked in <a href="#services">the list of services</a>
        </p>
      )}
      {undone.length > TOLD && (
        <p class="muted">
          and {countText(undone.length - TOLD, "project")}{" "}
          more whose last release did not come up, marked in{" "}
          <a href="#projects">the list of projects</a>
        </p>
      )}
    </Card>
  );
}

/** The page `/`. */
export function OverviewPage({ nodes, projects, services, changes, plots }: OverviewProps): Markup {
  const alive = projects.filter((each) => !each.deleted);
  const well = services.filter((each) => serviceTone(each) === "good").length;
  if (services.length === 0) {
    return (
      <>
        <PageHeader title="Overview" />
        <section class="card">
          <Empty title="Nothing runs here yet">
            <p>Bring a project up from its compose file: here, or on the command line.</p>
            <p class="inline centre">
              <LinkButton href="/apply" kind="primary">Apply a project</LinkButton>
              <LinkButton href="/docs">Read the first hour</LinkButton>
            </p>
            <p>
              <Command>skerry apply --wait</Command>
            </p>
          </Empty>
        </section>
        {nodes.some((each) => !each.online || each.verdicts.length > 0) && (
          <Wrong nodes={nodes} projects={projects} services={services} />
        )}
        {plots}
      </>
    );
  }
  return (
    <>
      <PageHeader title="Overview" />
      <Wrong nodes={nodes} projects={projects} services={services} />
      <dl class="figures">
        <Figure name="Services well">{well} of {services.length}</Figure>
        <Figure name="Projects">
          <a href="/projects">{alive.length}</a>
        </Figure>
        <Figure name="Nodes online">
          <a href="/nodes">{nodes.filter((each) => each.online).length} of {nodes.length}</a>
        </Figure>
      </dl>
      {plots}
      <Card id="projects" title="Projects" count={alive.length} flush>
        <ProjectTable projects={alive} services={services} empty={<Empty title="None yet" />} />
      </Card>
      <Card
        id="changes"
        title="Recent changes"
        aside={<a href="/audit">The whole log</a>}
        flush
      >
        <ChangeTable changes={changes} empty={<Empty title="Nothing was changed yet" />} />
      </Card>
      <Card id="services" title="Services" count={services.length} flush>
        <ServiceTable services={services} empty={<Empty title="Nothing runs here yet" />} />
      </Card>
    </>
  );
}
