// deno-lint-ignore-file no-console
/**
 * The overview in Chromium: what is transferred for it and how soon it can be used, first with an
 * empty cache, then again; and pages that are open and wait, each with its stream.
 *
 * deno run -A scripts/bench/pages.ts [--quick] [--json=FILE] [--rounds=9] [--services=300] [--open=200]
 */
import { z } from "zod";
import { startChromium } from "../browser/chromium.ts";
import { flag, type Machine, machineNow, median, option, table, writeResult } from "./figures.ts";

const IDLE_MS = flag("quick") ? 10_000 : 60_000;

interface PagesResult {
  readonly name: "pages";
  readonly before: Machine;
  readonly after: Machine;
  readonly services: number;
  readonly rounds: number;
  /**
   * Medians. `interactive`: its script has run, everything on it can be used; counted from the
   * moment that the address is asked for, with the start of the tab's process.
   */
  readonly firstKb: number;
  readonly firstInteractiveMs: number;
  readonly againKb: number;
  readonly againInteractiveMs: number;
  readonly open: number;
  /** What the process takes more with that many pages open. */
  readonly openMiB: number;
  readonly idlePercent: number;
}

const Loaded = z.object({ bytes: z.number(), interactiveMs: z.number() });

const MEASURE = `(() => {
  const [page] = performance.getEntriesByType("navigation");
  const parts = performance.getEntriesByType("resource")
    .filter((each) => !each.name.includes("/live") && !each.name.includes("/metrics"));
  return {
    bytes: page.transferSize + parts.reduce((sum, each) => sum + each.transferSize, 0),
    interactiveMs: page.domContentLoadedEventEnd,
  };
})()`;

/** So long that its plots are drawn, too: they load what they need after the page can be used. */
const DRAWN = ".plot-room canvas";

const services = Number(option("services") ?? "300");
const rounds = Number(option("rounds") ?? (flag("quick") ? "3" : "9"));
const open = Number(option("open") ?? (flag("quick") ? "50" : "200"));

/** As `scripts/setup/command.sh` has it. */
const V8_FLAGS = "--v8-flags=--optimize-for-size,--max-semi-space-size=1";

/** The served process is another one, so that Chromium's driver is not measured with it. */
const show = new URL("../browser/show.ts", import.meta.url).pathname;
const child = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "--quiet", V8_FLAGS, show, `--services=${services}`],
  stdout: "piped",
}).spawn();
const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
const origin = new URL((await reader.read()).value?.trim() ?? "").origin;

/** Resident KiB and processor time in clock ticks of 10 ms. */
async function useOf(pid: number): Promise<{ readonly kib: number; readonly cpuMs: number }> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    kib: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? "0"),
    cpuMs: 10 * (Number(fields[11]) + Number(fields[12])),
  };
}

interface OpenStream {
  readonly connection: Deno.TcpConn;
  bytes: number;
}

/** As a browser's EventSource; a connection of its own, since a fetch cannot be ended for certain. */
async function openStream(have: string): Promise<OpenStream> {
  const { hostname, port, host } = new URL(origin);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const stream: OpenStream = { connection, bytes: 0 };
  await connection.write(new TextEncoder().encode(
    `GET /live?path=%2F&have=${have} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`,
  ));
  const buffer = new Uint8Array(4096);
  const listen = async () => {
    while (true) {
      const read = await connection.read(buffer);
      if (read === null) return;
      stream.bytes += read;
    }
  };
  listen().catch(() => undefined);
  return stream;
}

const before = machineNow();
const loads: { first: z.infer<typeof Loaded>; again: z.infer<typeof Loaded> }[] = [];
{
  await using chromium = await startChromium();
  for (let round = 0; round < rounds; round++) {
    const context = await chromium.context();
    const page = await context.newPage();
    await page.goto(`${origin}/`);
    await page.waitForSelector(DRAWN);
    const first = Loaded.parse(await page.evaluate(MEASURE));
    await page.goto(`${origin}/nodes`);
    await page.goto(`${origin}/`);
    await page.waitForSelector(DRAWN);
    loads.push({ first, again: Loaded.parse(await page.evaluate(MEASURE)) });
    await context.close();
  }
}
const html = await (await fetch(`${origin}/`)).text();
const have = /data-live="([0-9a-f]+)"/.exec(html)?.[1] ?? "";
// What the loads before left behind is given back first.
await new Promise((resolve) => setTimeout(resolve, IDLE_MS / 2));
const alone = await useOf(child.pid);
const streams = await Promise.all(Array.from({ length: open }, () => openStream(have)));
await new Promise((resolve) => setTimeout(resolve, 3_000));
const begun = await useOf(child.pid);
await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
const idle = await useOf(child.pid);
const heard = streams.filter(({ bytes }) => bytes > 0).length;
for (const { connection } of streams) connection.close();
child.kill("SIGKILL");
await reader.cancel();
await child.status;
if (heard < open) throw new Error(`only ${heard} of ${open} streams were answered`);

const middle = (of: (load: typeof loads[number]) => number) => median(loads.map(of));
const result: PagesResult = {
  name: "pages",
  before,
  after: machineNow(),
  services,
  rounds,
  firstKb: middle(({ first }) => first.bytes) / 1000,
  firstInteractiveMs: middle(({ first }) => first.interactiveMs),
  againKb: middle(({ again }) => again.bytes) / 1000,
  againInteractiveMs: middle(({ again }) => again.interactiveMs),
  open,
  openMiB: (idle.kib - alone.kib) / 1024,
  idlePercent: 100 * (idle.cpuMs - begun.cpuMs) / IDLE_MS,
};
console.log(table(["overview", "kB", "ms"], [
  ["empty cache", result.firstKb.toFixed(1), result.firstInteractiveMs.toFixed(0)],
  ["again", result.againKb.toFixed(1), result.againInteractiveMs.toFixed(0)],
]));
console.log(
  `\n${open} open pages: ${result.openMiB.toFixed(1)} MiB more, ` +
    `${result.idlePercent.toFixed(2)} % of a core with a report of the node every 5 s`,
);
await writeResult(result);
