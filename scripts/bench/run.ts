// deno-lint-ignore-file no-console
/**
 * Runs the benchmarks, or those that are named, one after the other; each prints a table and writes
 * `results/NAME.json`.
 *
 * deno task bench [NAME…] [--quick] [--rounds=N] …
 */
const BENCHES = {
  memory: { about: "memory and processor time at rest, beside bare Podman", quick: ["--quick"] },
  apply: { about: "apply to the first request served, beside podman run", quick: ["--quick"] },
  many: { about: "30 services and a boot of 10, beside podman run and start", quick: ["--quick"] },
  compose: { about: "reading compose files, beside compose-go", quick: ["--quick"] },
  crowd: {
    about: "200 services at rest, and commands that change nothing",
    quick: ["--services=40", "--settle=5", "--seconds=20"],
  },
  metrics: { about: "sampling and keeping metrics, beside SQLite", quick: ["--quick"] },
  pages: { about: "the overview in Chromium, and pages that are open", quick: ["--quick"] },
  log_page: { about: "the log page in Chromium at 5,000 lines a second", quick: ["--quick"] },
  dns: { about: "DNS answers, beside dnsmasq", quick: ["--seconds=1", "--rounds=2"] },
} as const;
type Name = keyof typeof BENCHES;

const isBench = (name: string): name is Name => name in BENCHES;

const names = Deno.args.filter((arg) => !arg.startsWith("--"));
const options = Deno.args.filter((arg) => arg.startsWith("--") && arg !== "--quick");
const unknown = names.filter((name) => !isBench(name));
if (unknown.length > 0) {
  console.error(
    `no benchmark "${unknown.join(", ")}"; there are ${Object.keys(BENCHES).join(", ")}`,
  );
  Deno.exit(2);
}
const chosen = names.length === 0 ? Object.keys(BENCHES).filter(isBench) : names.filter(isBench);
const folder = new URL("./results/", import.meta.url).pathname;
await Deno.mkdir(folder, { recursive: true });
let failed = false;
for (const name of chosen) {
  const { about, quick } = BENCHES[name];
  console.log(`\n${name}: ${about}`);
  const short = Deno.args.includes("--quick") ? quick : [];
  const file = new URL(`./${name}.ts`, import.meta.url).pathname;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", file, `--json=${folder}${name}.json`, ...short, ...options],
  }).spawn().status;
  failed ||= !success;
}
Deno.exit(failed ? 1 : 0);
