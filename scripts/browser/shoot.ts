/**
 * Looks at pages: screenshots light, dark and narrow, with what axe and the console complain of.
 *   deno run -A scripts/browser/shoot.ts --origin http://127.0.0.1:8090 --to /tmp/shots / /nodes …
 */
import { parseArgs } from "node:util";
import { accessibilityFaults } from "./accessibility.ts";
import { collectComplaints, startChromium } from "./chromium.ts";

/** The ways that every page is looked at. */
export const LOOKS = {
  light: { width: 1280, height: 800 },
  dark: { width: 1280, height: 800, dark: true },
  narrow: { width: 360, height: 740 },
  wide: { width: 2200, height: 1200 },
} as const;

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      origin: { type: "string", default: "http://127.0.0.1:8090" },
      to: { type: "string", default: "/tmp/skerry-shots" },
      looks: { type: "string", default: "light,dark,narrow" },
      full: { type: "boolean", default: false },
      tag: { type: "string", default: "" },
    },
  });
  await Deno.mkdir(values.to, { recursive: true });
  const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
  await using chromium = await startChromium();
  for (const [name, look] of Object.entries(LOOKS)) {
    if (!values.looks.split(",").includes(name)) continue;
    const context = await chromium.context(look);
    for (const path of positionals) {
      const page = await context.newPage();
      const complaints = collectComplaints(page, values.origin);
      await page.goto(`${values.origin}${path}`);
      await page.waitForLoadState("load");
      const file = `${values.to}/${values.tag}${path.replaceAll(/[^\w]+/g, "_")}-${name}.png`;
      await page.screenshot({ path: file, fullPage: values.full });
      const wider = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      const faults = [
        ...complaints,
        ...await accessibilityFaults(page),
        ...(wider === 0 ? [] : [`it is ${wider} px wider than the window`]),
      ];
      say(`${file}${faults.length === 0 ? "" : `\n  ${[...new Set(faults)].join("\n  ")}`}`);
      await page.close();
    }
    await context.close();
  }
}
