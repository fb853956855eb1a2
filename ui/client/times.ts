/** Times in the reader's zone, with the exact instant on hover. */

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const hover = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat("en", { style: "short", numeric: "auto" });

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** `3 min. ago`, `in 2 hr.`; within a few seconds `now`. */
function distanceText(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  if (Math.abs(seconds) < 5) return "now";
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** Makes the times below a node local. */
export function localise(root: ParentNode, now: number = Date.now()): void {
  for (const time of root.querySelectorAll("time[data-time]")) {
    const written = time.getAttribute("datetime") ?? "";
    const at = Date.parse(written);
    if (Number.isNaN(at)) continue;
    const text = time.getAttribute("data-time") === "ago"
      ? distanceText(at, now)
      : exact.format(at);
    if (time.textContent !== text) time.textContent = text;
    const title = `${hover.format(at)} · ${written.replace("T", " ").replace(/\.\d+Z$/, " UTC")}`;
    if (time.getAttribute("title") !== title) time.setAttribute("title", title);
  }
}

/** The same, and again as time goes on. */
export function keepTimes(root: ParentNode): void {
  localise(root);
  setInterval(() => {
    if (document.visibilityState === "visible") localise(root);
  }, 10_000);
  document.addEventListener("visibilitychange", () => localise(root));
}
