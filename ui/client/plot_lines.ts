/** What of an answer about metrics is drawn, and how its figures are written. No DOM. */

/** As shared/model/metrics.ts has it. */
export interface Series {
  readonly name: string;
  readonly unit: string;
  readonly labels: { readonly slot?: string };
  readonly points: readonly (number | null)[];
  readonly peaks?: readonly (number | null)[];
}

export interface Line {
  readonly label: string;
  readonly points: readonly (number | null)[];
}

/** One plot. */
export interface Figure {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

/** More lines in one plot cannot be told apart: then it is their sum. */
const MOST_LINES = 6;

const PLANS: readonly {
  readonly title: string;
  readonly unit: string;
  readonly parts: readonly (readonly [name: string, label: string])[];
}[] = [
  { title: "Processor", unit: "cores", parts: [["cpu", "used"]] },
  { title: "Memory", unit: "bytes", parts: [["memory", "used"]] },
  {
    title: "Network",
    unit: "bytes_per_second",
    parts: [["network_rx", "in"], ["network_tx", "out"]],
  },
  {
    title: "Disk",
    unit: "bytes_per_second",
    parts: [["disk_read", "read"], ["disk_write", "written"]],
  },
  { title: "Disk in use", unit: "bytes", parts: [["disk_used", "used"]] },
];

/** Point by point; null where none has one. */
export function summed(all: readonly (readonly (number | null)[])[]): (number | null)[] {
  const length = Math.max(0, ...all.map((points) => points.length));
  return Array.from({ length }, (_, at) => {
    const known = all.flatMap((points) => points[at] ?? []);
    return known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0);
  });
}

/** The plots of an answer: of several slots a line each, where that is one figure a slot. */
export function figuresOf(series: readonly Series[]): Figure[] {
  return PLANS.flatMap(({ title, unit, parts }) => {
    const lines = parts.flatMap(([name, label]): Line[] => {
      const all = series.filter((each) => each.name === name);
      const [first] = all;
      if (first === undefined) return [];
      if (all.length === 1) {
        const mean = { label, points: first.points };
        const peaks = parts.length === 1 ? first.peaks : undefined;
        return peaks === undefined ? [mean] : [mean, { label: "peak", points: peaks }];
      }
      if (parts.length > 1 || all.length > MOST_LINES) {
        return [{ label, points: summed(all.map(({ points }) => points)) }];
      }
      return all.map(({ labels, points }) => ({ label: `slot ${labels.slot ?? ""}`, points }));
    });
    return lines.length === 0 ? [] : [{ title, unit, lines }];
  });
}

const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

function scaled(value: number): string {
  const power = Math.min(BYTES.length - 1, Math.max(0, Math.floor(Math.log2(value || 1) / 10)));
  const shown = value / 1024 ** power;
  return `${shown >= 100 || power === 0 ? Math.round(shown) : Number(shown.toFixed(1))} ${
    BYTES[power]
  }`;
}

/** `0.25 cores`, `12.5 MiB`, `3 KiB/s`. */
export function figureText(value: number | null, unit: string, cores = " cores"): string {
  if (value === null) return "–";
  switch (unit) {
    case "bytes":
      return scaled(value);
    case "bytes_per_second":
      return `${scaled(value)}/s`;
    default:
      return `${Number(value.toPrecision(3))}${cores}`;
  }
}

/** Steps of an axis of bytes: whole numbers of a power of two, not of ten. */
export function axisSteps(unit: string): number[] | null {
  if (!unit.startsWith("bytes")) return null;
  const steps: number[] = [];
  for (let power = 0; power < 6; power++) {
    for (const step of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]) steps.push(step * 1024 ** power);
  }
  return steps;
}
