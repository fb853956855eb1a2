/** The slowest answer while configurations are applied in quick succession. */
import type { DnsLoop } from "../../../agent/loops/dns/loop.ts";
import { encodeName } from "../../../agent/loops/dns/name.ts";
import { buildQuery, TYPE } from "../../../agent/loops/dns/wire.ts";
import { benchConfig } from "./names.ts";

export interface Stall {
  readonly slowestMs: number;
  readonly p99Ms: number;
  readonly answers: number;
  readonly lost: number;
  readonly configs: number;
}

/**
 * Asks one question after the other for `seconds`.
 * @param changing the names change all the time; else they stay, which shows the machine's own share
 */
export async function measureStall(
  loop: DnsLoop,
  services: number,
  port: number,
  seconds: number,
  changing: boolean,
): Promise<Stall> {
  await loop.configure(benchConfig(services, port));
  const end = performance.now() + seconds * 1000;
  const asker = new Worker(new URL("./asker.ts", import.meta.url), { type: "module" });
  const packets = Array.from({ length: services }, (_, i) =>
    buildQuery({
      id: i,
      name: encodeName(`service${i}.project${Math.floor(i / 10)}.internal`) ?? new Uint8Array(1),
      type: TYPE.A,
      flags: 0x0100,
      edns: null,
    }));
  const asked = new Promise<{ readonly times: number[]; readonly lost: number }>((resolve) => {
    asker.onmessage = (event) => resolve(event.data);
  });
  asker.postMessage({ packets, port, seconds });
  let configs = 0;
  while (changing && performance.now() < end) {
    await loop.configure(benchConfig(services, port, ++configs));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { times, lost } = await asked;
  asker.terminate();
  times.sort((a, b) => a - b);
  return {
    slowestMs: times.at(-1) ?? 0,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    answers: times.length,
    lost,
    configs,
  };
}
