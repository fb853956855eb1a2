/** How long this machine runs, as its kernel counts it: no clock moves it. */
import { readFileSync } from "node:fs";
import { linuxProcesses } from "../drivers/engine/process.ts";
import type { Uptime } from "./book.ts";

export function machineUptime(): Uptime {
  const [seconds] = readFileSync("/proc/uptime", "utf8").split(" ");
  return { bootId: linuxProcesses.bootId(), ms: Math.round(Number(seconds) * 1000) };
}
