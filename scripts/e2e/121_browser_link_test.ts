/**
 * Pages that stay open: while the link is cut, silent or away, while the server restarts ten times,
 * and while their login ends.
 */
import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import { startChromium } from "../browser/chromium.ts";
import { type Box, createBox } from "./box.ts";
import { createLab, type Lab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";
import { overSocket } from "./socket_api.ts";

const ORIGIN = "https://198.18.0.1:7443";
const PASSWORD = "a long word of the plant";
const OTHER_PASSWORD = "another long word of the plant";
const LOGS = "/projects/shop/services/web/logs";
const TERMINAL = "/projects/shop/services/web/terminal";
const RESTARTS = Number(Deno.env.get("SKERRY_E2E_RUNS") ?? "10");
/** Two lines at once each time: they have one moment. */
const COMPOSE = `services:
  web:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "i=0; while sleep 0.2; do i=$$((i+2)); printf 'tick %s.\\\\ntick %s.\\\\n' $$((i-1)) $$i; done"]
`;

/** A program that starts Chromium in the network of a host. */
async function chromiumIn(lab: Lab, host: string): Promise<string> {
  const { dir, namespace } = lab.host(host);
  const path = `${dir}/chromium`;
  const script =
    `#!/bin/sh\nexec nsenter --net=/run/netns/${namespace} -- /usr/bin/chromium "$@"\n`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  return path;
}

async function logIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  if (!page.url().includes("/login")) await page.goto(`${ORIGIN}/login`);
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL((url) => url.pathname !== "/login");
}

async function opened(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(ORIGIN + path);
  return page;
}

/** Numbers of the lines that the page shows. */
async function ticks(page: Page): Promise<number[]> {
  const texts = await page.locator(".log-text").allTextContents();
  return texts.map((text) => Number(/^tick (\d+)\.$/.exec(text)?.[1]));
}

/** All lines from the first on, each once, in their order. */
async function assertWhole(page: Page): Promise<void> {
  const numbers = await ticks(page);
  const first = numbers[0] ?? 0;
  assert.deepEqual(numbers, numbers.map((_, index) => first + index));
  assert.equal(await page.locator(".log-cut").count(), 0);
}

async function goesOn(page: Page): Promise<void> {
  const before = (await ticks(page)).at(-1) ?? 0;
  await until(
    "the log to go on",
    async () => ((await ticks(page)).at(-1) ?? 0) > before + 10,
    90_000,
  );
}

const state = (page: Page, text: RegExp) =>
  page.locator(".log-state, .terminal-state").filter({ hasText: text }).waitFor({
    timeout: 120_000,
  });

async function types(page: Page, text: string, shown: string): Promise<void> {
  await page.locator(".terminal-room").click();
  await page.keyboard.type(`${text}\n`);
  await page.locator(".xterm-rows", { hasText: shown }).first().waitFor();
}

/** How many shells of terminals run in the service's container. */
async function shells(box: Box): Promise<number> {
  const ps = ["exec", "-T", "-p", "shop", "web", "--", "ps", "-o", "args"];
  return (await box.must(ps)).split("\n").filter((line) => line.trim() === "sh").length;
}

Deno.test("pages that stay open", async (test) => {
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] },
      { name: "desk", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const box = createBox(lab.host("box"));
  const step = async (name: string, act: () => Promise<void>) => {
    if (!await test.step(name, act)) throw new Error(`this failed: ${name}`);
  };
  try {
    let up = await box.start();
    await box.image("web:1");
    await box.must(["apply", "--wait"], { cwd: await box.project("shop", COMPOSE) });
    await overSocket(box.layout, async (api) => {
      for (const name of ["ann", "bob"]) {
        const grants = [{ role: "admin" as const, project: null }];
        await api.createAccount({ name, grants, password: PASSWORD });
      }
    });
    await using chromium = await startChromium({ program: await chromiumIn(lab, "desk") });
    const context = await chromium.context();
    await logIn(await context.newPage(), "ann");
    const overview = await opened(context, "/projects/shop");
    const log = await opened(context, LOGS);
    await state(log, /^live$/);
    const terminal = await opened(context, TERMINAL);
    await state(terminal, /^connected$/);
    const word = overview.locator("#connection");

    await step(
      "a cut: the log goes on whole, the terminal says that it ended, Enter connects anew",
      async () => {
        await types(terminal, "echo $((40+2))-before", "42-before");
        await box.host.must(["ss", "--kill", "state", "established", "sport = :7443"]);
        await state(terminal, /connection was lost/);
        await goesOn(log);
        await state(log, /^live$/);
        await assertWhole(log);
        await terminal.locator(".terminal-room").click();
        await terminal.keyboard.press("Enter");
        await state(terminal, /^connected$/);
        await types(terminal, "echo $((40+2))-after", "42-after");
      },
    );

    await step(
      "a link that carries nothing: all three say so, and come back by themselves",
      async () => {
        const table =
          "table ip lab { chain i { type filter hook input priority 0; tcp dport 7443 drop; };" +
          " chain o { type filter hook output priority 0; tcp sport 7443 drop; }; };";
        await box.host.must(["nft", table]);
        await state(terminal, /connection was lost/);
        await state(log, /^reconnecting/);
        await word.filter({ hasText: "Connection lost" }).waitFor({ timeout: 120_000 });
        await box.host.must(["nft", "delete table ip lab"]);
        await goesOn(log);
        await state(log, /^live$/);
        await assertWhole(log);
        await until("the page to be live", async () => await word.innerText() === "", 60_000);
        await terminal.getByRole("button", { name: "Connect anew" }).click();
        await state(terminal, /^connected$/);
      },
    );

    await step("the network of the desk is gone and comes back", async () => {
      await lab.setLink("desk", 0, false);
      await state(terminal, /connection was lost/);
      await state(log, /^reconnecting/);
      await lab.setLink("desk", 0, true);
      await goesOn(log);
      await assertWhole(log);
      await until("the page to be live", async () => await word.innerText() === "", 60_000);
    });

    await step(`the server restarts ${RESTARTS} times`, async () => {
      for (let turn = 0; turn < RESTARTS; turn++) {
        if (turn % 2 === 0) await up.stop();
        else {
          up.kill("SIGKILL");
          await up.stop();
        }
        up = await box.start();
      }
      await goesOn(log);
      await assertWhole(log);
      await until("the page to be live", async () => await word.innerText() === "", 60_000);
      await box.must(["scale", "-p", "shop", "web=2", "--wait"]);
      await overview.getByText("2/2").first().waitFor({ timeout: 60_000 });
      for (const page of [overview, log, terminal]) {
        const loads = "performance.getEntriesByType('navigation').length";
        assert.equal(await page.evaluate(loads), 1);
      }
    });

    await step(
      "the session is ended from another browser: each page leads to the login, and back",
      async () => {
        await terminal.getByRole("button", { name: "Connect anew" }).click();
        await state(terminal, /^connected$/);
        assert.ok(await shells(box) > 0);
        const other = await opened(await chromium.context(), "/login");
        await logIn(other, "ann");
        await other.goto(`${ORIGIN}/account`);
        await other.locator("#sessions tbody tr").filter({ hasNotText: "this one" })
          .getByRole("button").first().click();
        await other.getByText("The session is ended.").waitFor();
        for (const page of [overview, log, terminal]) await page.waitForURL(/\/login\?next=/);
        // Also those whose link went silent before: the server noticed.
        await until("the shells to end", async () => await shells(box) === 0, 150_000);
        await logIn(terminal, "ann");
        assert.equal(new URL(terminal.url()).pathname, TERMINAL);
        await state(terminal, /^connected$/);
        await log.goto(ORIGIN + LOGS);
        await overview.goto(`${ORIGIN}/projects/shop`);
        await other.context().close();
      },
    );

    await step("so it is when the password is changed elsewhere", async () => {
      const other = await opened(await chromium.context(), "/login");
      await logIn(other, "ann");
      await other.goto(`${ORIGIN}/account`);
      await other.getByLabel("The one of now").fill(PASSWORD);
      await other.getByLabel("The new one", { exact: true }).fill(OTHER_PASSWORD);
      await other.getByLabel("The new one once more").fill(OTHER_PASSWORD);
      await other.getByRole("button", { name: "Change it" }).click();
      for (const page of [overview, log, terminal]) await page.waitForURL(/\/login\?next=/);
      await logIn(log, "ann", OTHER_PASSWORD);
      assert.equal(new URL(log.url()).pathname, LOGS);
      await overview.goto(`${ORIGIN}/projects/shop`);
      await terminal.goto(ORIGIN + TERMINAL);
      await state(terminal, /^connected$/);
      await other.context().close();
    });

    await step("a role that is taken away ends the terminal and closes the page", async () => {
      assert.ok(await shells(box) > 0);
      await overSocket(box.layout, (api) => api.setGrants("ann", []));
      await state(terminal, /connection was lost/);
      await until("the shell to end", async () => await shells(box) === 0);
      await overview.getByText("This is not for you").first().waitFor();
      await log.locator(".log-state.bad").waitFor();
    });
  } catch (thrown) {
    throw new Error(`${thrown}\n${box.text().slice(-4000)}`, { cause: thrown });
  } finally {
    await box.close();
  }
});
