/** Times in the reader's zone, with the exact instant on hover. */

/** A browser takes some milliseconds to make a format: each is made for the first time that needs it. */
function once<Made>(make: () => Made): () => Made {
  const made: Made[] = [];
  return () => made[0] ?? (made[0] = make());
}

const exact = once(() =>
  new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" })
);
const full = once(() =>
  new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" })
);
const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ["day", 86_400],
  ["hr.", 3_600],
  ["min.", 60],
  ["sec.", 1],
];

/** `3 min. ago`, `in 2 hr.`; within a few seconds `now`. Not by Intl, which takes 30 ms to begin with. */
function distanceText(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const far = Math.abs(seconds);
  if (far < 5) return "now";
  const [name, size] = UNITS.find(([, each]) => far >= each) ?? ["sec.", 1];
  const count = Math.trunc(far / size);
  const span = `${count} ${name === "day" && count > 1 ? "days" : name}`;
  return seconds < 0 ? `${span} ago` : `in ${span}`;
}

/** Makes the times below a node local. */
export function localise(root: ParentNode, now: number = Date.now()): void {
  for (const time of root.querySelectorAll("time[data-time]")) {
    const at = Date.parse(time.getAttribute("datetime") ?? "");
    if (Number.isNaN(at)) continue;
    const text = time.getAttribute("data-time") === "ago"
      ? distanceText(at, now)
      : exact().format(at);
    if (time.textContent !== text) time.textContent = text;
  }
}

/** The exact instant, for the time that the pointer comes to: the server's own title is in UTC alone. */
function tellInstant({ target }: Event): void {
  const time = target instanceof Element ? target.closest("time[data-time]") : null;
  const written = time?.getAttribute("datetime") ?? "";
  const at = Date.parse(written);
  if (time === null || Number.isNaN(at)) return;
  const utc = written.replace("T", " ").replace(/\.\d+Z$/, " UTC");
  time.setAttribute("title", `${full().format(at)} · ${utc}`);
}

/** The same, and again as time goes on. */
export function keepTimes(root: ParentNode): void {
  localise(root);
  setInterval(() => {
    if (document.visibilityState === "visible") localise(root);
  }, 10_000);
  document.addEventListener("visibilitychange", () => localise(root));
  document.addEventListener("pointerover", tellInstant);
}
