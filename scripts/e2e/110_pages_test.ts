/**
 * Every page to read, in Chromium: light, dark and narrow, with nothing, with 3 and with 300
 * services, without a complaint of axe, the console or the page's own policy. The pictures stay in
 * scripts/e2e/pictures, which is not kept in the repository.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { testModel, testRequest, testService } from "../../control/testing/models.ts";
import { accessibilityFaults } from "../browser/accessibility.ts";
import { type Chromium, collectComplaints, type Look, startChromium } from "../browser/chromium.ts";
import { createFixture } from "../browser/fixture.ts";

const PICTURES = new URL("pictures/", import.meta.url).pathname;

const LOOKS: Readonly<Record<string, Look>> = {
  light: { width: 1280, height: 800 },
  dark: { width: 1280, height: 800, dark: true },
  narrow: { width: 360, height: 740 },
};

const LISTS = [
  "/",
  "/nodes",
  "/nodes/box",
  "/projects",
  "/volumes",
  "/secrets",
  "/routes",
  "/names",
  "/firewall",
  "/jobs",
  "/images",
  "/audit",
];
const OF_SHOP = [
  "/projects/shop",
  "/projects/shop/services/web",
  "/projects/shop/services/backup",
  "/names?name=db&from=shop%2Fweb",
  "/audit?project=shop&who=root",
];

async function lookAt(
  chromium: Chromium,
  origin: string,
  tag: string,
  look: string,
  paths: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  const context = await chromium.context(LOOKS[look] ?? {});
  for (const path of paths) {
    const page = await context.newPage();
    const complaints = collectComplaints(page, origin);
    const response = await page.goto(`${origin}${path}`);
    if (response?.status() !== 200) complaints.push(`answers ${response?.status()}`);
    const file = `${tag}${path.replaceAll(/[^\w]+/g, "_")}-${look}.png`;
    await page.screenshot({ path: `${PICTURES}${file}` });
    const wider = await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    if (wider !== 0) complaints.push(`is ${wider} px wider than its window`);
    complaints.push(...await accessibilityFaults(page));
    found.push(...complaints.map((each) => `${path} (${look}): ${each}`));
    await page.close();
  }
  await context.close();
  return found;
}

Deno.test({
  name: "pages to read, with nothing, 3 and 300 services",
  // Chromium is a child that lives on between steps.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await Deno.mkdir(PICTURES, { recursive: true });
    await using chromium = await startChromium();
    for (const services of [0, 3, 300]) {
      await using fixture = await createFixture({ services });
      const { origin } = fixture;
      // The rest looks with 300 as it does with 3.
      const paths = services === 0
        ? LISTS
        : services === 3
        ? [...LISTS, ...OF_SHOP]
        : ["/", "/projects", "/nodes/box", "/names", "/firewall"];
      // Colours are the same with nothing and with many things.
      const looks = services === 3 ? Object.keys(LOOKS) : ["light", "narrow"];
      for (const look of looks) {
        await test.step(`${services} services, ${look}`, async () => {
          assert.deepEqual(await lookAt(chromium, origin, `${services}`, look, paths), []);
        });
      }
    }
  },
});

Deno.test({
  name:
    "an open page follows what changes, keeps what its reader did, and says so when it is cut off",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using chromium = await startChromium();
    await using fixture = await createFixture({ services: 3 });
    const { harness, origin } = fixture;
    const context = await chromium.context();
    const page = await context.newPage();
    const complaints = collectComplaints(page, origin);

    await test.step("a new project is there without loading the page again", async () => {
      await page.goto(`${origin}/projects`);
      await page.evaluate("globalThis.untouched = true");
      await harness.api.createRelease(
        "fresh",
        testRequest(testModel("fresh", { web: testService() })),
      );
      await page.getByRole("link", { name: "fresh", exact: true }).waitFor();
      assert.equal(await page.evaluate("globalThis.untouched"), true);
    });

    await test.step("what is open and what is focused stays so", async () => {
      await page.goto(`${origin}/projects/shop/services/web`);
      await page.locator("#wanted-fields summary").click();
      await page.locator("#wanted-fields summary").focus();
      const live = await page.locator("main").innerHTML();
      harness.agent.fates.set("web", "starts");
      await harness.agent.report();
      await page.locator("#replicas").getByText("starting").first().waitFor();
      assert.notEqual(await page.locator("main").innerHTML(), live);
      assert.equal(await page.locator("#wanted-fields").getAttribute("open"), "");
      assert.equal(await page.evaluate("document.activeElement.tagName"), "SUMMARY");
    });
    assert.deepEqual(complaints, []);

    await test.step("a control plane that is away is told quietly, and found again", async () => {
      await fixture.stop();
      await page.getByText("Connection lost").waitFor();
      for (let turn = 0; turn < 10; turn++) {
        await fixture.start();
        await fixture.stop();
      }
      await fixture.start();
      harness.agent.fates.set("web", "runs");
      await harness.agent.report();
      await page.locator("#connection").getByText("Connection lost").waitFor({ state: "detached" })
        .catch(() => undefined);
      await page.waitForFunction("document.getElementById('connection').textContent === ''");
      await page.locator("#replicas").getByText("running").first().waitFor();
      // Not one page was loaded for it.
      assert.equal(await page.evaluate("performance.getEntriesByType('navigation').length"), 1);
    });
    await context.close();
  },
});

Deno.test({
  name: "without script every page is whole: times in UTC, colours by a form, menu and look-up",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using chromium = await startChromium();
    await using fixture = await createFixture({ services: 3 });
    const { origin } = fixture;
    const context = await chromium.context({ width: 360, height: 740, script: false });
    const page = await context.newPage();
    await page.goto(`${origin}/`);
    assert.match(await page.locator("#changes time").first().innerText(), /UTC$/);
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("button", { name: "Dark", exact: true }).click();
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("link", { name: "Names", exact: true }).click();
    await page.getByLabel("Name", { exact: true }).fill("db");
    await page.getByLabel("Asked by").selectOption("shop/web");
    await page.getByRole("button", { name: "Look up" }).click();
    assert.match(await page.locator("#look-up").innerText(), /shop\/db/);
    await context.close();
  },
});

/** By the debugger: the page's policy lets no expression be evaluated in it. */
async function until(page: Page, expression: string): Promise<void> {
  while (await page.evaluate(expression) !== true) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

Deno.test({
  name: "logs that come by thousands a second can be stopped and read back",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using chromium = await startChromium();
    await using fixture = await createFixture({ services: 3, linesPerSecond: 5_000 });
    const page = await (await chromium.context()).newPage();
    const complaints = collectComplaints(page, fixture.origin);
    await page.goto(`${fixture.origin}/projects/shop/services/db/logs`);
    const known = "Number(/\\d+/.exec(document.querySelector('.log-line:last-child')?.textContent" +
      ".split('line ')[1] ?? '0')?.[0])";
    await until(page, `${known} > 5000`);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: /^Follow/ }).waitFor();
    // All rows are there again, one after the other, and stay.
    await until(page, "document.querySelectorAll('.log-line').length === 1000");
    const rows = await page.locator(".log-text").allTextContents();
    const numbers = rows.map((text) => Number(/^line (\d+)/.exec(text)?.[1]));
    assert.deepEqual(numbers, numbers.map((_, index) => (numbers[0] ?? 0) + index));
    await page.getByRole("button", { name: /^Follow/ }).click();
    await until(page, `${known} > ${(numbers.at(-1) ?? 0) + 1_000}`);
    assert.deepEqual(complaints, []);
  },
});
