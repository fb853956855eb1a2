/** The logs of a project or a service: the last lines without script, and as they come with it. */
import type { ShownLine } from "../client/log_lines.ts";
import { PageHeader } from "../components/card.tsx";
import { Island } from "../components/island.tsx";
import { LogLineRow } from "../components/log_line.tsx";
import type { Markup } from "../markup.ts";
import { ServiceTabs } from "../parts/service_tabs.tsx";

export interface LogsProps {
  readonly project: string;
  /** Null: of the whole project. */
  readonly service: string | null;
  /** All of the project, sorted. */
  readonly services: readonly string[];
  readonly lines: readonly ShownLine[];
  readonly asked: {
    readonly text: string;
    readonly service: string;
    readonly stream: string;
    readonly count: number;
  };
  /** Why there are none; null: nothing is wrong. */
  readonly trouble: string | null;
}

function Filters({ services, service, asked }: LogsProps): Markup {
  return (
    <form class="inline-form log-filters" method="get" role="search">
      <div class="field">
        <label for="log-search">Search</label>
        <input id="log-search" name="q" type="search" value={asked.text} autocomplete="off" />
      </div>
      {service === null && (
        <div class="field">
          <label for="log-service">Service</label>
          <select id="log-service" name="service">
            <option value="">all</option>
            {services.map((each) => (
              <option value={each} selected={each === asked.service}>{each}</option>
            ))}
          </select>
        </div>
      )}
      <div class="field narrow">
        <label for="log-stream">Stream</label>
        <select id="log-stream" name="stream">
          {[["", "both"], ["stdout", "output"], ["stderr", "errors"]].map(([value, text]) => (
            <option value={value} selected={value === asked.stream}>{text}</option>
          ))}
        </select>
      </div>
      <div class="field narrow">
        <label for="log-count">Lines</label>
        <select id="log-count" name="n">
          {[200, 1000, 5000].map((each) => (
            <option value={String(each)} selected={each === asked.count}>{each}</option>
          ))}
        </select>
      </div>
      <button class="button plain" type="submit" data-without-script>Show</button>
    </form>
  );
}

/** `/projects/P/logs` and `/projects/P/services/S/logs`. */
export function LogsPage(props: LogsProps): Markup {
  const { project, service, lines, trouble, asked } = props;
  const at = `/projects/${encodeURIComponent(project)}`;
  return (
    <>
      <PageHeader
        title={service === null ? `Logs of ${project}` : `Logs of ${service}`}
        crumbs={[
          { text: "Projects", href: "/projects" },
          { text: project, href: at },
          ...service === null
            ? []
            : [{ text: service, href: `${at}/services/${encodeURIComponent(service)}` }],
        ]}
      />
      {service !== null && <ServiceTabs project={project} service={service} here="logs" />}
      <Island
        name="logs"
        id="logs"
        settings={{ project, service, tail: asked.count, regex: false }}
      >
        <Filters {...props} />
        <div class="log-room" tabindex={0} role="region" aria-label="Log lines">
          <ol class="log-lines">
            {lines.map((line) => <LogLineRow line={line} who={service === null} />)}
          </ol>
          {lines.length === 0 && (
            <p class="log-empty">
              {trouble ??
                (asked.text === "" ? "Nothing was written yet." : `No line holds “${asked.text}”.`)}
            </p>
          )}
        </div>
      </Island>
    </>
  );
}
