/** A terminal in a service's container. It takes a script: without one the page says how else. */
import { Command, PageHeader } from "../components/card.tsx";
import { Island } from "../components/island.tsx";
import type { Markup } from "../markup.ts";
import { ServiceTabs } from "../parts/service_tabs.tsx";

const SHELLS = ["sh", "bash", "ash", "zsh"];

/** `/projects/P/services/S/terminal`. */
export function TerminalPage(
  { project, service, slots, execPath, runPath }: {
    project: string;
    service: string;
    /** Numbers of the replicas that run. */
    slots: readonly number[];
    execPath: string;
    runPath: string;
  },
): Markup {
  const at = `/projects/${encodeURIComponent(project)}`;
  return (
    <>
      <PageHeader
        title={`Terminal in ${service}`}
        crumbs={[
          { text: "Projects", href: "/projects" },
          { text: project, href: at },
          { text: service, href: `${at}/services/${encodeURIComponent(service)}` },
        ]}
      />
      <ServiceTabs project={project} service={service} here="terminal" />
      <Island name="terminal" id="terminal" settings={{ execPath, runPath }}>
        <form class="inline-form" hidden>
          <div class="field">
            <label for="terminal-where">Where</label>
            <select id="terminal-where" name="where">
              <option value="exec">in the running container</option>
              <option value="run">in a container of its own</option>
            </select>
          </div>
          {slots.length > 1 && (
            <div class="field narrow">
              <label for="terminal-slot">Replica</label>
              <select id="terminal-slot" name="slot">
                {slots.map((slot) => <option value={String(slot)}>{slot}</option>)}
              </select>
            </div>
          )}
          <div class="field narrow">
            <label for="terminal-shell">Shell</label>
            <select id="terminal-shell" name="shell">
              {SHELLS.map((shell) => <option value={shell}>{shell}</option>)}
            </select>
          </div>
          <div class="field">
            <label for="terminal-command">Or a command</label>
            <input id="terminal-command" name="command" autocomplete="off" spellcheck={false} />
          </div>
          <button class="button primary" type="submit">Connect anew</button>
        </form>
        <p class="terminal-state" role="status"></p>
        <div class="terminal-room"></div>
        <noscript>
          <p>
            A terminal takes JavaScript. From a shell:{" "}
            <Command>{`skerry exec -p ${project} ${service} -- sh`}</Command>
          </p>
        </noscript>
      </Island>
    </>
  );
}
