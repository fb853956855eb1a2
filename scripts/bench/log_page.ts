// deno-lint-ignore-file no-console
/**
 * The log page in Chromium while a service writes thousands of lines a second: the longest task of
 * the page, its frames, and how far what is shown is behind what was written.
 *
 * deno run -A scripts/bench/log_page.ts [--quick] [--json=FILE] [--lines=5000]
 */
import { z } from "zod";
import { startChromium } from "../browser/chromium.ts";
import { flag, type Machine, machineNow, option, table, writeResult } from "./figures.ts";

const SETTLE_MS = 3_000;
const WATCH_MS = flag("quick") ? 5_000 : 20_000;
const perSecond = Number(option("lines") ?? "5000");

const Seen = z.object({
  longestTaskMs: z.number(),
  /** Tasks of more than 50 ms, of which the browser tells. */
  longTasks: z.number(),
  frames: z.number(),
  longestFrameMs: z.number(),
  shown: z.number(),
  behindMs: z.number(),
});

interface LogPageResult extends z.infer<typeof Seen> {
  readonly name: "log_page";
  readonly before: Machine;
  readonly after: Machine;
  readonly perSecond: number;
  readonly seconds: number;
  readonly framesPerSecond: number;
  /** Lines that came to the page, a second. */
  readonly linesPerSecond: number;
}

const WATCH = `new Promise((resolve) => {
  const seen = { longestTaskMs: 0, longTasks: 0, frames: 0, longestFrameMs: 0 };
  const tasks = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      seen.longTasks++;
      seen.longestTaskMs = Math.max(seen.longestTaskMs, duration);
    }
  });
  tasks.observe({ type: "longtask" });
  const last = () => {
    const row = document.querySelector(".log-line:last-child");
    return {
      number: Number(/^line (\\d+)/.exec(row?.querySelector(".log-text")?.textContent ?? "")?.[1]),
      at: Date.parse(row?.querySelector("time")?.dateTime.slice(0, 23) + "Z"),
    };
  };
  const first = last();
  const begun = performance.now();
  let before = begun;
  const frame = (now) => {
    seen.frames++;
    seen.longestFrameMs = Math.max(seen.longestFrameMs, now - before);
    before = now;
    if (now - begun < ${WATCH_MS}) return requestAnimationFrame(frame);
    tasks.disconnect();
    const end = last();
    resolve({ ...seen, shown: end.number - first.number, behindMs: Date.now() - end.at });
  };
  requestAnimationFrame(frame);
})`;

/** The served process is another one, so that Chromium's driver is not measured with it. */
const show = new URL("../browser/show.ts", import.meta.url).pathname;
const child = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "--quiet", show, "--services=3", `--lines=${perSecond}`],
  stdout: "piped",
}).spawn();
const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
const origin = new URL((await reader.read()).value?.trim() ?? "").origin;
const before = machineNow();
let seen: z.infer<typeof Seen>;
{
  await using chromium = await startChromium();
  const page = await (await chromium.context()).newPage();
  await page.goto(`${origin}/projects/shop/services/db/logs`);
  await page.locator(".log-line").first().waitFor();
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  seen = Seen.parse(await page.evaluate(WATCH));
}
child.kill("SIGKILL");
await reader.cancel();
await child.status;

const seconds = WATCH_MS / 1000;
const result: LogPageResult = {
  name: "log_page",
  before,
  after: machineNow(),
  perSecond,
  seconds,
  ...seen,
  framesPerSecond: seen.frames / seconds,
  linesPerSecond: seen.shown / seconds,
};
console.log(table([`${perSecond} lines a second`, "figure"], [
  ["lines that came, a second", result.linesPerSecond.toFixed(0)],
  ["longest task, ms", result.longestTaskMs.toFixed(0)],
  ["tasks above 50 ms", String(result.longTasks)],
  ["frames a second", result.framesPerSecond.toFixed(1)],
  ["longest frame, ms", result.longestFrameMs.toFixed(0)],
  ["what is shown is behind, ms", result.behindMs.toFixed(0)],
]));
await writeResult(result);
