/**
 * The table of metrics in the documentation, made from the families themselves:
 * `deno run -A scripts/check/metrics_table.ts` writes it, `deno task check` sees that it is true.
 */
import { FAMILIES, type Family } from "../../shared/metrics/families.ts";

export const METRICS_TABLE = new URL("../../ui/docs/metrics.md", import.meta.url);

const HEAD = `<!-- deno-fmt-ignore-file -->

# Metrics

## Kept on the box

Every 10 s each node looks at what it and its containers use: processor, memory, network, disk, and how
full the disk is. It keeps that for a day or more in steps of 10 s, for weeks in steps of 2 min, and for
months in steps of 15 min (mean and peak), within \`--metrics-budget\` (48 MiB; it counts against
\`--disk-budget\` where there is one). The pages show it; \`skerry top\` shows what is used now.

What shares the host's network (\`network_mode: host\`) has no network figures of its own. Memory is
without cached files that could go at once, as \`podman stats\` has it. What a container's own files take on
the disk is not measured.

\`\`\`
skerry top -p shop
curl --unix-socket /run/skerry/control.sock 'http://localhost/api/v1/projects/shop/services/web/metrics?points=60'
\`\`\`

## For Prometheus

\`/metrics\` tells all of the table below, to root on the unix socket, and over HTTPS to a token whose
role (viewer is enough) holds everywhere.

\`\`\`
skerry token create prometheus --user ada --role viewer --days never > /etc/prometheus/skerry.token
skerry ca show --pem > /etc/prometheus/skerry-ca.crt
\`\`\`

\`\`\`yaml
scrape_configs:
  - job_name: skerry
    scheme: https
    authorization: { credentials_file: /etc/prometheus/skerry.token }
    tls_config: { ca_file: /etc/prometheus/skerry-ca.crt }
    static_configs: [{ targets: ["box.plant.lan:7443"] }]
\`\`\`

\`skerry control\` without an agent in its process tells its own part alone.

<!-- Made by scripts/check/metrics_table.ts; do not edit by hand. -->

| metric | kind | labels | of | |
|---|---|---|---|---|
`;

/** The whole page. Pure. */
export function metricsTable(): string {
  const rows = Object.entries<Family>(FAMILIES).map(([name, { type, help, labels, of }]) => {
    const named = labels.map((label) => `\`${label}\``).join(", ");
    const who = of === "process" ? "the process" : of === "control" ? "control" : "agent";
    return `| \`${name}\` | ${type} | ${named} | ${who} | ${help} |`.replaceAll("|  |", "| |");
  });
  return `${HEAD}${rows.join("\n")}\n`;
}

/** Null, or what is to be done. */
export async function metricsTableFault(): Promise<string | null> {
  const written = await Deno.readTextFile(METRICS_TABLE).catch(() => "");
  return written === metricsTable()
    ? null
    : "ui/docs/metrics.md is not what the metrics say: deno run -A scripts/check/metrics_table.ts";
}

if (import.meta.main) await Deno.writeTextFile(METRICS_TABLE, metricsTable());
