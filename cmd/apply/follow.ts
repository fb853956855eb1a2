/** Follows a release to its end. */
import { SkerryError } from "../../shared/errors.ts";
import type { ReleaseView } from "../../shared/api/release.ts";
import type { ApiClient } from "../../shared/api/client.ts";
import type { ReleaseId } from "../../shared/model/ids.ts";
import type { Cli } from "../cli.ts";
import { machineText, type OutputFormat } from "../output/format.ts";
import { lastLines } from "../output/last_lines.ts";
import { createProgress } from "./progress.ts";

const RETRY_MS = 1000;
/** A control plane that restarts is waited for so long. */
const MAX_SILENT_MS = 120_000;

/**
 * Shows progress until the release is over, and gives its last state. A stream that breaks is taken
 * up again. Ctrl-C gives null: the release goes on, and this is said.
 */
export async function followRelease(
  cli: Cli,
  api: ApiClient,
  id: ReleaseId,
): Promise<ReleaseView | null> {
  const { terminal, env, signal, clock } = cli.host;
  const progress = createProgress(terminal, env);
  let last: ReleaseView | null = null;
  /** Since when it cannot be reached; null: it can. */
  let lostAt: number | null = null;
  while (true) {
    try {
      for await (const view of api.releaseEvents(id, signal)) {
        lostAt = null;
        last = view;
        progress.show(view);
        if (view.state !== "rolling") break;
      }
    } catch (thrown) {
      lostAt ??= clock.monotonic();
      const silent = clock.monotonic() - lostAt > MAX_SILENT_MS;
      const answered = thrown instanceof SkerryError && thrown.code !== "control_unreachable";
      if (!signal.aborted && (answered || silent)) throw thrown;
    }
    if (last !== null && last.state !== "rolling") break;
    if (signal.aborted) {
      progress.close();
      terminal.err(
        "\nStopped watching. The apply goes on; see how it is with `skerry get services`.\n",
      );
      return null;
    }
    await clock.sleep(RETRY_MS, signal);
  }
  progress.close();
  return last;
}

/** What the services that did not come up wrote last. */
export async function showLastLines(
  cli: Cli,
  api: Pick<ApiClient, "logs">,
  view: ReleaseView,
): Promise<void> {
  const { terminal } = cli.host;
  const troubled = new Set(
    view.slots.filter((slot) =>
      slot.change !== "removed" && (slot.stage === "failed" || slot.stage === "rolled_back")
    ).map((slot) => slot.service),
  );
  for (const service of [...troubled].sort()) {
    const lines = await lastLines(api, view.project, service);
    if (lines.length === 0) continue;
    terminal.err(`\n${service} wrote at last:\n${lines.map((line) => `  ${line}`).join("\n")}\n`);
  }
}

/** Says how a release ended. Returns the exit code. */
export function reportEnd(cli: Cli, view: ReleaseView): number {
  const { terminal } = cli.host;
  const why = view.reason === null ? "" : `: ${view.reason.message}`;
  switch (view.state) {
    case "rolling":
      return 1;
    case "done":
      terminal.err(view.deletes ? `${view.project} is deleted\n` : `${view.project} is up\n`);
      return 0;
    case "superseded":
      terminal.err(`a newer release of ${view.project} took over${why}\n`);
      return 1;
    case "failed":
      terminal.err(
        `${view.project} did not come up${why}\n` +
          "  see why: skerry describe service NAME, skerry logs NAME\n",
      );
      return 1;
    case "rolled_back":
      terminal.err(
        `${view.project} was rolled back, what ran before serves on${why}\n` +
          "  see why: skerry describe service NAME, skerry logs NAME\n",
      );
      return 1;
  }
}

/** What `--wait` shows: progress, the end in the form that was asked for, and what failed wrote last. */
export async function waitForRelease(
  cli: Cli,
  api: ApiClient,
  id: ReleaseId,
  format: OutputFormat,
): Promise<void> {
  const end = await followRelease(cli, api, id);
  if (end === null) return;
  if (format !== "table") cli.host.terminal.out(await machineText(format, end));
  const code = reportEnd(cli, end);
  if (code !== 0) await showLastLines(cli, api, end);
  cli.exitWith(code);
}
