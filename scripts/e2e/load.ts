/**
 * Bounded HTTP load: `deno run -A load.ts URL HOST SECONDS KEEPALIVE(yes|no)`. Prints one JSON line:
 * how many answers there were by body, and every failure.
 */
import http from "node:http";

const [url = "", host = "", seconds = "5", keepAlive = "yes"] = Deno.args;
const target = new URL(url);
const agent = new http.Agent({ keepAlive: keepAlive === "yes", maxSockets: 4 });
const bodies: Record<string, number> = {};
const failures: string[] = [];
const end = performance.now() + Number(seconds) * 1000;
const MOST = 50_000;
let sent = 0;

function ask(): Promise<void> {
  return new Promise((resolve) => {
    const request = http.request({
      host: target.hostname,
      port: target.port || 80,
      path: target.pathname,
      headers: { host },
      agent,
    }, (response) => {
      let body = "";
      response.on("data", (chunk) => body += chunk);
      response.on("error", (error) => {
        failures.push(`body: ${error.message}`);
        resolve();
      });
      response.on("end", () => {
        if (response.statusCode === 200) bodies[body.trim()] = (bodies[body.trim()] ?? 0) + 1;
        else failures.push(`${response.statusCode} ${body.trim().slice(0, 80)}`);
        resolve();
      });
    });
    request.on("error", (error) => {
      failures.push(error.message);
      resolve();
    });
    request.end();
  });
}

await Promise.all(Array.from({ length: 4 }, async () => {
  while (performance.now() < end && sent++ < MOST) {
    await ask();
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}));
agent.destroy();
await Deno.stdout.write(new TextEncoder().encode(
  JSON.stringify({ sent, bodies, failed: failures.length, failures: failures.slice(0, 10) }) + "\n",
));
