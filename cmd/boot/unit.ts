/** The systemd unit that starts `skerry up` with the machine: pure text. */
import { DEFAULT_HOME, type HomeLayout } from "../../shared/home.ts";

/** One setting as it is written into the unit. */
export interface Setting {
  readonly variable: string;
  readonly text: string;
}

/** What is to be started. */
export interface BootPlan {
  readonly layout: HomeLayout;
  /** The `skerry` command, absolute. */
  readonly program: string;
  /** Of `skerry up`, in the order in which they are to stand. */
  readonly settings: readonly Setting[];
}

/** `skerry.service`; another home has its tag in the name. */
export function unitName(layout: HomeLayout): string {
  return layout.home === DEFAULT_HOME ? "skerry.service" : `skerry-${layout.tag}.service`;
}

/** A word in systemd's quotes (systemd.syntax(7)); `%` would begin a specifier. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%")}"`;
}

/**
 * The whole unit.
 *
 * - It waits for no network: a box has to come up without one.
 * - `KillMode=process`: containers and the ingress outlive `skerry up`; the next one takes them up.
 * - Restarts never end (`StartLimitIntervalSec=0`), and one container out of memory ends nothing
 *   else (`OOMPolicy=continue`); the children's number is bounded by the containers' own limits.
 */
export function renderUnit({ layout, program, settings }: BootPlan): string {
  const environment = [
    ...(layout.home === DEFAULT_HOME ? [] : [{ variable: "SKERRY_HOME", text: layout.home }]),
    ...settings,
  ].map(({ variable, text }) => `Environment=${quoted(`${variable}=${text}`)}`);
  return [
    "# Written by `skerry boot enable`; `skerry boot disable` removes it.",
    "[Unit]",
    `Description=Skerry in ${layout.home.replaceAll("%", "%%")}`,
    "After=network.target local-fs.target",
    `RequiresMountsFor=${quoted(layout.home)}`,
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "Type=exec",
    // In ExecStart alone, `$` would begin a variable.
    `ExecStart=${quoted(program).replaceAll("$", "$$$$")} up`,
    ...environment,
    "Restart=always",
    "RestartSec=1",
    "KillMode=process",
    // At the machine's end it stops the containers, each with its own grace.
    "TimeoutStopSec=330",
    "Delegate=yes",
    "OOMPolicy=continue",
    "TasksMax=infinity",
    "LimitNOFILE=1048576",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}
