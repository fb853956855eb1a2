/** `/projects/P/services/S/terminal` */
import { SkerryError } from "../../../shared/errors.ts";
import { TerminalPage } from "../../../ui/pages/terminal.tsx";
import type { Page } from "../page.ts";

export const terminalPage: Page = {
  path: "/projects/:project/services/:service/terminal",
  async show({ api, params, viewer }) {
    const project = params["project"] ?? "";
    const service = params["service"] ?? "";
    const containers = (await api.containers(project)).filter((each) => each.service === service);
    if (!viewer.may("operator", project)) {
      throw new SkerryError("forbidden", "a terminal takes the role operator in this project");
    }
    if (containers.length === 0) {
      throw new SkerryError("not_found", `there is no service "${service}" in "${project}"`);
    }
    const slots = containers.filter(({ want }) => want === "run").map(({ slot }) => slot);
    return {
      title: `Terminal in ${service}`,
      live: false,
      inlineStyles: true,
      styles: ["xterm.css"],
      main: (
        <TerminalPage
          project={project}
          service={service}
          slots={[...new Set(slots)].sort((a, b) => a - b)}
          execPath={api.execPath(project, service)}
          runPath={api.runPath(project, service)}
        />
      ),
    };
  },
};
