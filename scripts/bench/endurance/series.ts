/** What is sampled on the box, in the order of the CSV's columns and of the plot's panels. */

export interface Series {
  readonly unit: "MiB" | "KiB" | "" | "ms";
  /** Series of one panel share its axis. */
  readonly panel: string;
  readonly label: string;
}

const of = (panel: string, label: string, unit: Series["unit"] = ""): Series => ({
  panel,
  label,
  unit,
});

const MEMORY = "Memory (RSS), MiB";
const DESCRIPTORS = "Open descriptors";
const PROCESSES = "Processes and threads";
const NETWORK = "Addresses, namespaces, links";
const RULES = "Rules of the firewall";
const FILES = "Files under the home";
const BYTES = "Bytes under the home, KiB";
const DATABASE = "Databases, KiB";
const ROWS = "Rows of the control plane's database";
const TIME = "Time of an apply, ms";

export const SERIES = {
  up_rss: of(MEMORY, "skerry up", "MiB"),
  podman_rss: of(MEMORY, "podman service", "MiB"),
  traefik_rss: of(MEMORY, "traefik", "MiB"),
  conmon_rss: of(MEMORY, "all conmon", "MiB"),
  up_fds: of(DESCRIPTORS, "skerry up"),
  podman_fds: of(DESCRIPTORS, "podman service"),
  traefik_fds: of(DESCRIPTORS, "traefik"),
  processes: of(PROCESSES, "processes of the box"),
  conmons: of(PROCESSES, "conmon"),
  up_threads: of(PROCESSES, "threads: skerry up"),
  podman_threads: of(PROCESSES, "threads: podman service"),
  traefik_threads: of(PROCESSES, "threads: traefik"),
  addresses: of(NETWORK, "addresses given out"),
  network_namespaces: of(NETWORK, "network namespaces"),
  links: of(NETWORK, "interfaces of the host"),
  mounts: of(NETWORK, "mounts of the host"),
  control_groups: of(NETWORK, "control groups"),
  rules: of(RULES, "rules, Podman's too"),
  chains: of(RULES, "chains"),
  elements: of(RULES, "set and map elements"),
  files_control: of(FILES, "control"),
  files_agent: of(FILES, "agent"),
  files_logs: of(FILES, "logs"),
  files_podman: of(FILES, "podman"),
  files_traefik: of(FILES, "traefik"),
  files_run: of(FILES, "run folder"),
  kib_control: of(BYTES, "control", "KiB"),
  kib_agent: of(BYTES, "agent", "KiB"),
  kib_logs: of(BYTES, "logs", "KiB"),
  kib_podman: of(BYTES, "podman", "KiB"),
  kib_traefik: of(BYTES, "traefik", "KiB"),
  kib_run: of(BYTES, "run folder", "KiB"),
  kib_control_db: of(DATABASE, "control.db", "KiB"),
  kib_podman_db: of(DATABASE, "Podman's own", "KiB"),
  kib_addresses_db: of(DATABASE, "Podman's addresses", "KiB"),
  rows_release: of(ROWS, "release"),
  rows_part: of(ROWS, "part"),
  rows_revision: of(ROWS, "revision"),
  rows_deployment: of(ROWS, "deployment"),
  rows_observed: of(ROWS, "observed_deployment"),
  rows_section: of(ROWS, "section_blob"),
  rows_sealed: of(ROWS, "sealed"),
  rows_change: of(ROWS, "change"),
  rows_idempotency: of(ROWS, "idempotency"),
  apply_ms: of(TIME, "apply --wait, median", "ms"),
} as const satisfies Readonly<Record<string, Series>>;

export type SeriesName = keyof typeof SERIES;
export const SERIES_NAMES = Object.keys(SERIES).filter((name): name is SeriesName =>
  name in SERIES
);

export interface Sample {
  /** How many applies were done. */
  readonly applies: number;
  /** Seconds since the first. */
  readonly seconds: number;
  /** Of the machine, over the last minute. */
  readonly load: number;
  readonly values: Readonly<Record<SeriesName, number>>;
}

/** All samples as CSV, one line each, a head first. */
export function toCsv(samples: readonly Sample[]): string {
  const head = ["applies", "seconds", "load", ...SERIES_NAMES].join(",");
  const lines = samples.map(({ applies, seconds, load, values }) =>
    [applies, Math.round(seconds), load.toFixed(2), ...SERIES_NAMES.map((name) => values[name])]
      .join(",")
  );
  return [head, ...lines].join("\n") + "\n";
}

/** The samples of such a CSV; an error where it is none. */
export function fromCsv(text: string): readonly Sample[] {
  const [head = "", ...lines] = text.trim().split("\n");
  const columns = head.split(",");
  const missing = ["applies", "seconds", "load", ...SERIES_NAMES]
    .filter((name) => !columns.includes(name));
  if (missing.length > 0) throw new Error(`no samples: the columns ${missing} are missing`);
  return lines.map((line): Sample => {
    const cells = line.split(",");
    const cell = (name: string) => Number(cells[columns.indexOf(name)]);
    const values = SERIES_NAMES.map((name): [SeriesName, number] => [name, cell(name)]);
    return {
      applies: cell("applies"),
      seconds: cell("seconds"),
      load: cell("load"),
      values: Object.fromEntries(values) as Record<SeriesName, number>,
    };
  });
}
