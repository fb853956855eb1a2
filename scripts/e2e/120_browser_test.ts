/** A person with a browser: from the set-up link to a running project, its log, its terminal, and out again. */
import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import { codeOf } from "../../control/accounts/totp.ts";
import { accessibilityFaults } from "../browser/accessibility.ts";
import { startChromium } from "../browser/chromium.ts";
import { type Box, createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";
import { overSocket } from "./socket_api.ts";

const ORIGIN = "https://127.0.0.1:7443";
const PASSWORD = "a long word of the plant";

const GOOD = `services:
  web:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    environment: { GREETING: "\${GREETING:-hello}" }
    command: ["sh", "-c", "printf '\\\\033[31mred\\\\033[0m <b>bold</b>\\\\n'; head -c 10000000 /dev/zero | tr '\\\\0' x; echo; while sleep 1; do echo tick; done"]
  keeper:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    command: ["sleep", "100000"]
    volumes: ["data:/data"]
volumes: { data: {} }
`;
const FAULTY = GOOD.replace("    init: true\n", "    imit: true\n");

/** A program that starts Chromium in the host's network. */
async function chromiumOf(box: Box): Promise<string> {
  const path = `${box.host.dir}/chromium`;
  const enter = ["nsenter", `--net=/run/netns/${box.host.namespace}`, "--"];
  await Deno.writeTextFile(path, `#!/bin/sh\nexec ${enter.join(" ")} /usr/bin/chromium "$@"\n`, {
    mode: 0o755,
  });
  return path;
}

/** RFC 4648, without padding. */
function bytesOfBase32(text: string): Uint8Array<ArrayBuffer> {
  const bits = [...text].map((each) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(each).toString(2).padStart(5, "0")
  ).join("");
  return Uint8Array.from(bits.match(/[01]{8}/g) ?? [], (each) => parseInt(each, 2));
}

async function logIn(page: Page, code: () => Promise<string>): Promise<void> {
  await page.goto(`${ORIGIN}/login`);
  await page.getByRole("textbox", { name: "Name" }).fill("ann");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("textbox", { name: "Code" }).fill(await code());
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(`${ORIGIN}/`);
}

Deno.test("a browser on a box", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  /** What follows rests on it. */
  const step = async (name: string, act: () => Promise<void>) => {
    if (!await test.step(name, act)) throw new Error(`this failed: ${name}`);
  };
  try {
    await box.start();
    await box.image("web:1");
    await using chromium = await startChromium({ program: await chromiumOf(box) });
    const context: BrowserContext = await chromium.context();
    const page = await context.newPage();
    let secret = "";
    let used = 0;
    /** A code is good once: one of a step that was not used yet. */
    const code = async (): Promise<string> => {
      for (;;) {
        const step = Math.floor(Date.now() / 30_000);
        if (step > used) {
          used = step;
          return codeOf(bytesOfBase32(secret), step);
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    };

    await step("the set-up link makes the administrator, once", async () => {
      const { path } = await overSocket(box.layout, (api) => api.createSetupLink());
      await page.goto(ORIGIN + path);
      await page.getByRole("textbox", { name: "Name" }).fill("ann");
      await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
      await page.getByLabel("Password once more").fill(PASSWORD);
      await page.getByRole("button", { name: "Make the administrator" }).click();
      await page.waitForURL(`${ORIGIN}/`);
      const stranger = await (await chromium.context()).newPage();
      await stranger.goto(ORIGIN + path);
      assert.match(await stranger.locator("main").innerText(), /used already/);
      await stranger.close();
    });

    await step("one-time codes are set up; recovery codes are shown", async () => {
      await page.goto(`${ORIGIN}/account`);
      await page.locator("#totp-password").fill(PASSWORD);
      await page.getByRole("button", { name: "Set one-time codes up" }).click();
      await page.locator("svg.qr").waitFor();
      secret = (await page.locator("main .command").first().innerText()).replaceAll(/\s/g, "");
      await page.getByRole("textbox", { name: "Code" }).fill(await code());
      await page.getByRole("button", { name: "Confirm" }).click();
      await page.locator(".codes li").first().waitFor();
      assert.ok(await page.locator(".codes li").count() >= 8);
    });

    await step("a compose file with a fault: its line is shown, nothing is done", async () => {
      await page.goto(`${ORIGIN}/apply`);
      await page.getByLabel("Or paste a compose file").fill(FAULTY);
      await page.getByRole("textbox", { name: "Project" }).fill("shop");
      await page.getByRole("button", { name: "Read and plan" }).click();
      await page.locator(".fault").first().waitFor();
      const text = await page.locator("#faults").innerText();
      assert.match(text, /compose\.yaml:4:5/);
      assert.match(text, /imit: true/);
      assert.equal((await overSocket(box.layout, (api) => api.projects())).length, 0);
    });

    await step("without it: the plan, then it comes up while one looks", async () => {
      await page.goto(`${ORIGIN}/apply`);
      await page.getByLabel("Or paste a compose file").fill(GOOD);
      await page.getByRole("textbox", { name: "Project" }).fill("shop");
      await page.getByRole("button", { name: "Read and plan" }).click();
      await page.locator(".plan-line").first().waitFor();
      assert.deepEqual(await accessibilityFaults(page), []);
      await page.getByRole("button", { name: "Apply", exact: true }).click();
      await page.waitForURL(/\/releases\//);
      // No reload: the page is brought up to date by itself.
      await page.locator(".page-title .status", { hasText: "done" }).waitFor({ timeout: 120_000 });
    });

    await step(
      "the log lives, shows colours, HTML as text, and a line that never ends cut",
      async () => {
        await page.goto(`${ORIGIN}/projects/shop/services/web/logs`);
        await page.locator(".log-text", { hasText: "tick" }).first().waitFor();
        assert.equal(await page.locator(".log-text .fg-red").first().innerText(), "red");
        assert.equal(await page.locator(".log-text b").count(), 0);
        const cut = await page.locator(".log-cut").first().innerText();
        assert.match(cut, /more characters/);
        const before = await page.locator(".log-text", { hasText: "tick" }).count();
        await until(
          "the log to go on",
          async () => await page.locator(".log-text", { hasText: "tick" }).count() > before,
        );
        await page.getByRole("searchbox", { name: "Search" }).fill("<b>");
        await page.locator(".log-text mark").first().waitFor();
        assert.deepEqual(await accessibilityFaults(page), []);
      },
    );

    await step("a terminal: what is typed runs in the container", async () => {
      await page.goto(`${ORIGIN}/projects/shop/services/keeper/terminal`);
      await page.locator(".terminal-state", { hasText: "connected" }).waitFor();
      await page.locator(".terminal-room").click();
      await page.keyboard.type("echo $((40+2))-fine\n");
      await page.locator(".xterm-rows", { hasText: "42-fine" }).waitFor();
      await page.keyboard.type("exit 3\n");
      await page.locator(".terminal-state", { hasText: "exit code 3" }).waitFor();
    });

    await step("two browsers: a change in one shows in the other", async () => {
      const other = await (await chromium.context({ width: 360, height: 740 })).newPage();
      await logIn(other, code);
      await other.goto(`${ORIGIN}/projects/shop/change?service=web`);
      await page.goto(`${ORIGIN}/projects/shop`);
      await other.getByLabel("Replicas").fill("2");
      await other.getByRole("button", { name: "Show the plan" }).click();
      await other.getByRole("button", { name: "Apply", exact: true }).click();
      await other.waitForURL(/\/releases\//);
      await page.getByText("2/2").first().waitFor({ timeout: 120_000 });
      await other.context().close();
    });

    await step("what destroys data takes the right name", async () => {
      await page.goto(`${ORIGIN}/projects/shop/delete`);
      await page.locator("#purge-confirm").fill("shopp");
      await page.getByRole("button", { name: "Remove with all data" }).click();
      await page.locator(".field-error").waitFor();
      assert.equal((await overSocket(box.layout, (api) => api.services("shop"))).length, 2);
      await page.locator("#purge-confirm").fill("shop");
      await page.getByRole("button", { name: "Remove with all data" }).click();
      await page.waitForURL(/\/releases\//);
      await page.locator(".page-title .status", { hasText: "done" }).waitFor({ timeout: 120_000 });
    });

    await step("no page has an axe violation", async () => {
      const paths = [
        "/",
        "/projects",
        "/nodes",
        "/volumes",
        "/secrets",
        "/images",
        "/jobs",
        "/users",
      ];
      const more = [
        "/tokens",
        "/account",
        "/settings",
        "/settings/trust",
        "/docs",
        "/docs/jobs",
        "/apply",
      ];
      for (const path of [...paths, ...more]) {
        await page.goto(ORIGIN + path);
        assert.deepEqual(await accessibilityFaults(page), [], path);
      }
    });

    await step("after the logout the session is dead", async () => {
      const cookies = await context.cookies();
      await page.goto(ORIGIN);
      await page.getByRole("button", { name: "Log out" }).click();
      await page.waitForURL(/\/login/);
      await context.addCookies(cookies);
      await page.goto(`${ORIGIN}/projects`);
      assert.match(page.url(), /\/login\?next=/);
    });
  } catch (thrown) {
    throw new Error(`${thrown}\n${box.text().slice(-4000)}`, { cause: thrown });
  } finally {
    await box.close();
  }
});
