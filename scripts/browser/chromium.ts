/** Debian's Chromium, driven by playwright-core: a fresh profile each time, and nothing of it reaches the network by itself. */
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const PROGRAM = "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly script?: boolean;
}

export interface Chromium extends AsyncDisposable {
  readonly browser: Browser;
  /** A context of its own: no cookies of another one. */
  context(look?: Look): Promise<BrowserContext>;
}

/** Starts it; dispose of it when done. */
export async function startChromium(
  options: {
    /** What starts it, in another network say. */
    readonly program?: string;
  } = {},
): Promise<Chromium> {
  const browser = await chromium.launch({
    executablePath: options.program ?? PROGRAM,
    headless: true,
    args: ARGUMENTS,
    // The signals are the test's own.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  return {
    browser,
    context: ({ width = 1280, height = 800, dark = false, script = true } = {}) =>
      browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? "dark" : "light",
        javaScriptEnabled: script,
        ignoreHTTPSErrors: true,
        locale: "en-GB",
        timezoneId: "Europe/Berlin",
      }),
    async [Symbol.asyncDispose]() {
      await browser.close();
    },
  };
}

/** What a page complained of: console, script errors, requests that failed, anything that left the origin. */
export function collectComplaints(page: Page, origin: string): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("request", (request) => {
    const { protocol, origin: to } = new URL(request.url());
    if (protocol.startsWith("http") && to !== origin) complaints.push(`asks ${request.url()}`);
  });
  return complaints;
}
