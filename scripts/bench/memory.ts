// deno-lint-ignore-file no-console
/**
 * `skerry up` at rest with ten services, by process: memory (RSS and PSS) and processor time, beside
 * bare Podman with the same ten containers on the same machine in the same run.
 *
 * deno run -A scripts/bench/memory.ts [--quick] [--json=FILE] [--seconds=60] [--settle=30]
 */
import { type Box, createBox } from "../e2e/box.ts";
import type { LabHost } from "../e2e/lab/host.ts";
import { importBusybox } from "../e2e/lab/image.ts";
import { createLab } from "../e2e/lab/lab.ts";
import { createLabPodman, type LabPodman } from "../e2e/lab/podman.ts";
import { until } from "../e2e/lab/program.ts";
import { flag, type Machine, machineNow, option, table, writeResult } from "./figures.ts";
import { measureParts, type Part, partRows } from "./parts.ts";

const SERVICES = 10;
const IMAGE = "localhost/bench:1";
const COMMAND = ["httpd", "-f", "-p", "8080", "-h", "/www"];

/** As the installed command has it (scripts/setup/command.sh). */
const V8_FLAGS = "--optimize-for-size,--max-semi-space-size=1";

/** What stands in each service; the Compose check runs a program in the container. */
const CHECKS = {
  http: (routes: string) =>
    `x-skerry: { ${routes}, health: { http: /index.html, port: 8080, interval: 10s } }`,
  exec: (routes: string) =>
    `healthcheck: { test: [CMD, "true"], interval: 10s }\n    x-skerry: { ${routes} }`,
};
type Checks = keyof typeof CHECKS;

interface MemoryResult {
  readonly name: "memory";
  readonly before: Machine;
  readonly after: Machine;
  readonly services: number;
  readonly windowSeconds: number;
  readonly skerry: Readonly<Record<Checks, readonly Part[]>>;
  readonly barePodman: readonly Part[];
  /** RSS of the process `skerry up` at its largest; the goal is 120 MiB. */
  readonly mainRssMiB: number;
  /** Of `skerry up` with HTTP checks each 10 s; the goal is below 1. */
  readonly mainCpuPercent: number;
}

function compose(checks: Checks): string {
  const service = (i: number) =>
    `  web${i}:
    image: ${IMAGE}
    init: true
    command: ${JSON.stringify(COMMAND)}
    ${CHECKS[checks](`routes: [{ host: web${i}.test, port: 8080 }]`)}
`;
  return "services:\n" + Array.from({ length: SERVICES }, (_, i) => service(i)).join("");
}

async function measureSkerry(
  box: Box,
  pid: number,
  checks: Checks,
  settle: number,
  seconds: number,
) {
  const folder = await box.project("bench", compose(checks));
  await box.must(["apply", "--wait"], { cwd: folder });
  await new Promise((resolve) => setTimeout(resolve, settle * 1000));
  return await measureParts({ words: [box.layout.home, box.layout.runDir], pids: [pid] }, seconds);
}

async function measureBare(host: LabHost, podman: LabPodman, settle: number, seconds: number) {
  const socket = `${host.dir}/bare.sock`;
  const service = host.spawn(
    [...podman.argv, "system", "service", "--time=0", `unix://${socket}`],
    { env: podman.env },
  );
  try {
    for (let i = 0; i < SERVICES; i++) {
      await podman.must(["run", "-d", "--init", "--name", `web${i}`, IMAGE, ...COMMAND]);
    }
    await until("bare Podman's service", async () => {
      const ping = ["curl", "-sf", "--unix-socket", socket, "http://d/_ping"];
      return (await host.run(ping)).code === 0;
    });
    await new Promise((resolve) => setTimeout(resolve, settle * 1000));
    return await measureParts({ words: [`${host.dir}/podman/`], pids: [] }, seconds);
  } finally {
    await podman.run(["rm", "--all", "--force", "--time", "0"]);
    await service.stop();
  }
}

async function benchMemory(settle: number, seconds: number): Promise<MemoryResult> {
  const before = machineNow();
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: "198.18.7.1/24" }] },
      { name: "bare", links: [{ lan: "plant", address: "198.18.7.2/24" }] },
    ],
  });
  const bareHost = lab.host("bare");
  const bare = await createLabPodman(bareHost);
  await importBusybox(bare, IMAGE);
  const box = createBox(lab.host("box"), {
    containerCidr: "10.207.9.0/24",
    env: { DENO_V8_FLAGS: V8_FLAGS },
  });
  try {
    const { pid } = await box.start();
    await box.image("bench:1");
    const http = await measureSkerry(box, pid, "http", settle, seconds);
    const barePodman = await measureBare(bareHost, bare, settle, seconds);
    const exec = await measureSkerry(box, pid, "exec", settle, seconds);
    const main = [http, exec].map((parts) => parts.find(({ part }) => part === "skerry up"));
    return {
      name: "memory",
      before,
      after: machineNow(),
      services: SERVICES,
      windowSeconds: seconds,
      skerry: { http, exec },
      barePodman,
      mainRssMiB: Math.max(...main.map((part) => part?.rssMiB ?? 0)),
      mainCpuPercent: main[0]?.cpuPercent ?? 0,
    };
  } finally {
    await box.close();
  }
}

if (import.meta.main) {
  const quick = flag("quick");
  const result = await benchMemory(
    Number(option("settle") ?? (quick ? 5 : 30)),
    Number(option("seconds") ?? (quick ? 15 : 60)),
  );
  console.log(table(["", "n", "RSS MiB", "PSS MiB", "CPU %"], [
    ...partRows("HTTP checks", result.skerry.http),
    ...partRows("exec checks", result.skerry.exec),
    ...partRows("bare Podman", result.barePodman),
  ]));
  console.log(
    `skerry up: ${result.mainRssMiB.toFixed(1)} MiB RSS (goal 120), ` +
      `${result.mainCpuPercent.toFixed(2)} % of a core (goal 1); load of the machine ` +
      `${result.before.load.toFixed(1)} to ${result.after.load.toFixed(1)} on ` +
      `${result.after.cores} cores`,
  );
  await writeResult(result);
}
