// deno-lint-ignore-file no-console
/**
 * Asks a URL every few milliseconds until it is answered with 200, and prints when that was
 * (milliseconds since 1970, with a fraction). Prints `ready` once it asks.
 */
const [url = ""] = Deno.args;
const EVERY_MS = 5;
const TRY_MS = 2_000;

async function answered(): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TRY_MS) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

await answered();
console.log("ready");
while (!await answered()) await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
console.log(`at ${performance.timeOrigin + performance.now()}`);
