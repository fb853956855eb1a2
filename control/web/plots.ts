/** Pictures of metrics for pages without script: `/plots/nodes/N/cpu.svg?range=6h`. */
import type { ApiClient } from "../../shared/api/client.ts";
import { ApiError } from "../../shared/api/problem.ts";
import type { MetricName, MetricsView } from "../../shared/model/metrics.ts";
import { PLOT_RANGES, plotRange, type PlotStill } from "../../ui/components/plot.tsx";
import { sparkline } from "../../ui/text/sparkline.ts";
import { summed } from "../../ui/client/plot_lines.ts";

const METRICS: Readonly<Record<PlotStill, readonly MetricName[]>> = {
  cpu: ["cpu"],
  memory: ["memory"],
  network: ["network_rx", "network_tx"],
  disk: ["disk_read", "disk_write"],
};
const POINTS = 150;

const PATH =
  /^\/plots\/(?:nodes\/([^/]+)|projects\/([^/]+)\/services\/([^/]+))\/(cpu|memory|network|disk)\.svg$/;

const isStill = (text: string): text is PlotStill => Object.hasOwn(METRICS, text);

async function viewOf(
  api: ApiClient,
  match: RegExpExecArray,
  range: { readonly from: number; readonly to: number; readonly points: number },
): Promise<MetricsView> {
  const [, node, project = "", service = ""] = match.map((part: string | undefined) =>
    part === undefined ? undefined : decodeURIComponent(part)
  );
  return node === undefined
    ? await api.serviceMetrics(project, service, range)
    : await api.nodeMetrics(node, range);
}

/** Null: it is no picture's address. With the rights of `api`'s caller. */
export async function plotResponse(
  api: ApiClient,
  url: URL,
  now: number,
): Promise<Response | null> {
  const match = PATH.exec(url.pathname);
  const still = match?.[4] ?? "";
  if (match === null || !isStill(still)) return null;
  const { ms } = PLOT_RANGES[plotRange(url.searchParams.get("range"))];
  try {
    const view = await viewOf(api, match, { from: now - ms, to: now, points: POINTS });
    const lines = METRICS[still].map((name) =>
      summed(view.series.filter((each) => each.name === name).map(({ points }) => points))
    );
    return new Response(sparkline(lines), {
      headers: {
        "content-type": "image/svg+xml",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      },
    });
  } catch (thrown) {
    if (!(thrown instanceof ApiError) && !(thrown instanceof URIError)) throw thrown;
    const status = thrown instanceof ApiError ? thrown.status : 400;
    return new Response(null, { status });
  }
}
