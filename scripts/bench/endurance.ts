// deno-lint-ignore-file no-console
/**
 * Many applies on one box: each changes the images and the environment of a project's services, so
 * that all its containers are replaced, and waits until the old ones are gone. Most of that is a
 * wait for resolvers, so five projects are applied beside each other. After every tenth, with none
 * under way, everything that could grow is looked at. Beside `--json=FILE` a CSV of all samples and
 * an SVG of their courses are written.
 *
 * deno run -A scripts/bench/endurance.ts [--json=FILE] [--applies=1000] [--every=10] [--from=CSV]
 *
 * `--from`: nothing is applied; the samples of an earlier run are judged and drawn again.
 */
import { type Box, createBox } from "../e2e/box.ts";
import type { LabHost } from "../e2e/lab/host.ts";
import { createLab } from "../e2e/lab/lab.ts";
import { until } from "../e2e/lab/program.ts";
import { createLooker } from "./endurance/sample.ts";
import { plot } from "./endurance/plot.ts";
import {
  fromCsv,
  type Sample,
  SERIES,
  SERIES_NAMES,
  type SeriesName,
  toCsv,
} from "./endurance/series.ts";
import { type Trend, trendOf } from "./endurance/trend.ts";
import { type Machine, machineNow, median, option, table, writeResult } from "./figures.ts";

const BOX = "198.18.8.1";
/** As the installed command has it (scripts/setup/command.sh). */
const V8_FLAGS = "--optimize-for-size,--max-semi-space-size=1";

/** Projects that are applied beside each other. */
const LANES = 5;

const compose = (lane: number, version: number) => `
services:
  web:
    image: localhost/endurance:${version % 2}
    init: true
    environment: { VERSION: "${version}" }
    command: ["sh", "-c", "echo version $$VERSION > /www/index.html; exec httpd -f -p 8080 -h /www"]
    stop_grace_period: 1s
    depends_on: { cache: { condition: service_started } }
    x-skerry:
      routes: [{ host: shop${lane}.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 1s }
  cache:
    image: localhost/endurance:${(version + 1) % 2}
    init: true
    environment: { VERSION: "${version}" }
    command: ["sh", "-c", "echo started $$VERSION; exec sleep 100000"]
    stop_grace_period: 1s
    configs: [{ source: settings, target: /etc/settings.conf }]
    volumes: ["data:/data"]
    secrets: [token]
volumes: { data: {} }
secrets: { token: { file: ./token } }
configs: { settings: { content: "version ${version}" } }
`;

interface EnduranceResult {
  readonly name: "endurance";
  /** Null: drawn anew from samples. */
  readonly before: Machine | null;
  readonly after: Machine | null;
  readonly applies: number;
  readonly minutes: number;
  /** Growth over 1,000 applies, by the second half of the samples. */
  readonly trends: Readonly<Record<SeriesName, Trend>>;
}

async function serves(laptop: LabHost, lane: number, version: number): Promise<boolean> {
  const ask = ["curl", "-s", "--max-time", "3", "-H", `Host: shop${lane}.test`, `http://${BOX}/`];
  return (await laptop.run(ask)).stdout.trim() === `version ${version}`;
}

/** Applies that version of one project; how long it took, in milliseconds. */
async function applyOnce(
  box: Box,
  laptop: LabHost,
  lane: number,
  version: number,
): Promise<number> {
  const folder = await box.project(`shop${lane}`, compose(lane, version));
  await Deno.writeTextFile(`${folder}/token`, `token ${Math.floor(version / 10)}`);
  const started = performance.now();
  await box.must(["apply", "--wait"], { cwd: folder });
  const tookMs = performance.now() - started;
  await until("the new page", () => serves(laptop, lane, version), 30_000);
  return tookMs;
}

/** Writes what there is so far, so that a run that is ended early has shown something. */
async function writeSamples(samples: readonly Sample[]): Promise<void> {
  const stem = option("json")?.replace(/\.json$/, "");
  if (stem === undefined) return;
  await Deno.writeTextFile(`${stem}.csv`, toCsv(samples));
  await Deno.writeTextFile(`${stem}.svg`, plot(samples));
}

async function applies(
  box: Box,
  laptop: LabHost,
  count: number,
  every: number,
): Promise<readonly Sample[]> {
  const { pid } = await box.start();
  for (const version of [0, 1]) {
    await box.image(`endurance:${version}`, { "which": `${version}\n` });
  }
  const looker = createLooker(box);
  const samples: Sample[] = [];
  const began = performance.now();
  for (let done = 0; done < count;) {
    const perLane = Math.max(1, Math.round(Math.min(every, count - done) / LANES));
    const first = done / LANES + 1;
    const times = await Promise.all(Array.from({ length: LANES }, async (_, lane) => {
      const took: number[] = [];
      for (let version = first; version < first + perLane; version += 1) {
        took.push(await applyOnce(box, laptop, lane, version));
        await looker.note();
      }
      return took;
    }));
    done += perLane * LANES;
    const sample: Sample = {
      applies: done,
      seconds: (performance.now() - began) / 1000,
      load: machineNow().load,
      values: { ...await looker.look(pid), apply_ms: Math.round(median(times.flat())) },
    };
    samples.push(sample);
    await writeSamples(samples);
    const { up_rss, podman_rss, traefik_rss, apply_ms } = sample.values;
    console.log(
      `${done} applies, ${apply_ms} ms each; skerry ${up_rss} MiB, Podman ${podman_rss} MiB, ` +
        `Traefik ${traefik_rss} MiB; load ${sample.load.toFixed(1)}`,
    );
  }
  return samples;
}

function trendsOf(samples: readonly Sample[]): Readonly<Record<SeriesName, Trend>> {
  const entries = SERIES_NAMES.map((name): [SeriesName, Trend] => [
    name,
    trendOf(samples.map(({ applies, values }) => ({ x: applies, y: values[name] }))),
  ]);
  return Object.fromEntries(entries) as Record<SeriesName, Trend>;
}

function resultOf(samples: readonly Sample[]): EnduranceResult {
  return {
    name: "endurance",
    before: null,
    after: null,
    applies: samples.at(-1)?.applies ?? 0,
    minutes: Math.round((samples.at(-1)?.seconds ?? 0) / 60),
    trends: trendsOf(samples),
  };
}

/** Of an earlier run, also of one that was ended before its time. */
async function drawAgain(file: string): Promise<EnduranceResult> {
  const samples = fromCsv(await Deno.readTextFile(file));
  await writeSamples(samples);
  return resultOf(samples);
}

async function benchEndurance(count: number, every: number): Promise<EnduranceResult> {
  const before = machineNow();
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.8.2/24" }] },
    ],
  });
  const box = createBox(lab.host("box"), {
    containerCidr: "10.208.9.0/24",
    env: { DENO_V8_FLAGS: V8_FLAGS },
  });
  try {
    const samples = await applies(box, lab.host("laptop"), count, every);
    return { ...resultOf(samples), before, after: machineNow() };
  } catch (thrown) {
    console.error(box.text().slice(-4_000));
    throw thrown;
  } finally {
    await box.close();
  }
}

if (import.meta.main) {
  const earlier = option("from");
  const result = earlier !== undefined ? await drawAgain(earlier) : await benchEndurance(
    Number(option("applies") ?? 1_000),
    Number(option("every") ?? 10),
  );
  console.log(table(
    ["growth over 1,000 applies", "level", "growth", "±", "verdict"],
    SERIES_NAMES.map((name) => {
      const { level, growth, error, verdict } = result.trends[name];
      const { panel, label, unit } = SERIES[name];
      return [
        `${panel}: ${label}`,
        `${level.toFixed(1)} ${unit}`.trim(),
        growth.toFixed(1),
        error.toFixed(1),
        verdict,
      ];
    }),
  ));
  await writeResult(result);
}
