/**
 * Who reaches whom: every cell tried with real packets, with br_netfilter on and off (the setting is
 * the network namespace's own, so the machine is not touched). Run it to see the table:
 * `deno run -A scripts/e2e/separation.ts`.
 */
import { requirePrograms } from "./lab/leftovers.ts";
import type { CommandResult } from "../../shared/command.ts";
import { runProgram } from "./lab/program.ts";
import {
  BOX_LAN,
  BOX_UPLINK,
  GATEWAY,
  INTERNET,
  LAPTOP,
  MEMBERS,
  nameOf,
  openStage,
  type Stage,
} from "./separation_hosts.ts";

/** What the table needs on the machine, with its Debian packages. */
export const PROGRAMS = {
  curl: "curl",
  socat: "socat",
  busybox: "busybox-static",
  podman: "podman",
  nft: "nftables",
};

type Answer = string | null;
interface Cell {
  readonly from: string;
  /** What is tried, as the table shows it. */
  readonly to: string;
  readonly probe: readonly string[];

  /** The word that answers; null: nobody answers. */
  readonly expected: Answer;
}

const http = (address: string, port = 80) => [
  ...["curl", "-s", "--noproxy", "*", "--connect-timeout", "1", "--max-time", "4"],
  `http://${address}:${port}/`,
];
const udp = (address: string, port: number) => ["socat", "-t1", "STDIO", `UDP:${address}:${port}`];
const ping = (address: string) => ["busybox", "ping", "-c1", "-W1", address];

const addressOf = new Map(MEMBERS.map((member) => [nameOf(member), member.address]));
const all = MEMBERS.map(nameOf);
/** Who shares a network with whom. */
const FRIENDS: Readonly<Record<string, readonly string[]>> = {
  "shop-web": ["shop-web", "shop-db", "shop-joint"],
  "shop-db": ["shop-db", "shop-web", "shop-joint", "shop-vault"],
  "shop-vault": ["shop-vault", "shop-db"],
  "shop-joint": ["shop-joint", "shop-web", "shop-db", "blog-joint"],
  "blog-web": ["blog-web", "blog-joint"],
  "blog-joint": ["blog-joint", "blog-web", "shop-joint"],
};

function cells(): readonly Cell[] {
  const table: Cell[] = [];
  const add = (from: string, to: string, probe: readonly string[], expected: Answer) =>
    table.push({ from, to, probe, expected });
  for (const from of all) {
    const friends = FRIENDS[from] ?? [];
    const out = from !== "shop-vault";
    for (const to of all) {
      const address = addressOf.get(to) ?? "";
      const may = friends.includes(to);
      add(from, to, http(address), may ? to : null);
      if (to !== from) add(from, `${to} ping`, ping(address), may ? "ping" : null);
    }
    // Published ports, asked for at the host's address: as the LAN, where there is a way out.
    const published = (to: string) => out || friends.includes(to) ? to : null;
    add(from, "box:8080 (shop-web)", http(BOX_LAN, 8080), published("shop-web"));
    add(from, "gateway:8080 (shop-web)", http(GATEWAY, 8080), published("shop-web"));
    add(from, "box:8085 (shop-db)", http(BOX_LAN, 8085), published("shop-db"));
    add(from, "box:8083 (blog-web)", http(BOX_LAN, 8083), published("blog-web"));
    add(from, "box:8081 (127.0.0.1 only)", http(BOX_LAN, 8081), null);
    add(from, "gateway:53 tcp", http(GATEWAY, 53), "dns");
    add(from, "gateway:53 udp", udp(GATEWAY, 53), "dns");
    add(from, "gateway ping", ping(GATEWAY), "ping");
    add(from, "gateway:22", http(GATEWAY, 22), null);
    add(from, "box:22", http(BOX_LAN, 22), null);
    add(from, "box uplink:22", http(BOX_UPLINK, 22), null);
    add(from, "box:161 udp", udp(BOX_LAN, 161), null);
    add(from, "box:80 (ingress)", http(BOX_LAN, 80), null);
    add(from, "box ping", ping(BOX_LAN), null);
    add(from, "internet", http(INTERNET), out ? "internet" : null);
    add(from, "internet ping", ping(INTERNET), out ? "ping" : null);
    add(from, "laptop", http(LAPTOP), out ? "laptop" : null);
  }
  for (const to of all) {
    const address = addressOf.get(to) ?? "";
    add("box", to, http(address), to);
    add("laptop", to, http(address), null);
    add("laptop", `${to} ping`, ping(address), null);
    add("internet", to, http(address), null);
  }
  for (const from of ["box", "laptop"]) {
    add(from, "box:8080 (shop-web)", http(BOX_LAN, 8080), "shop-web");
    add(from, "box:8085 (shop-db)", http(BOX_LAN, 8085), "shop-db");
    add(from, "box:8083 (blog-web)", http(BOX_LAN, 8083), "blog-web");
    add(from, "box:8084 (shop-vault)", http(BOX_LAN, 8084), "shop-vault");
    add(from, "box:8081 (127.0.0.1 only)", http(BOX_LAN, 8081), null);
    add(from, "box:80 (ingress)", http(BOX_LAN, 80), "ingress");
    add(from, "gateway:53 tcp", http(GATEWAY, 53), from === "box" ? "dns" : null);
    add(from, "gateway:53 udp", udp(GATEWAY, 53), from === "box" ? "dns" : null);
  }
  add("box", "127.0.0.1:8080 (shop-web)", http("127.0.0.1", 8080), "shop-web");
  add("box", "127.0.0.1:8081 (shop-db)", http("127.0.0.1", 8081), "shop-db");
  add("box", "127.0.0.1:9000", http("127.0.0.1", 9000), "local");
  add("internet", "box uplink:8080 (shop-web)", http(BOX_UPLINK, 8080), "shop-web");
  add("internet", "box uplink:8083 (LAN only)", http(BOX_UPLINK, 8083), null);
  add("internet", "box uplink:80 (ingress)", http(BOX_UPLINK, 80), "ingress");
  return table;
}

function answerOf({ code, stdout }: CommandResult, probe: readonly string[]): Answer {
  if (probe.includes("ping")) return code === 0 ? "ping" : null;
  return stdout.trim() || null;
}

async function tryCells(stage: Stage, table: readonly Cell[]): Promise<readonly Answer[]> {
  const answers: Answer[] = new Array(table.length).fill(null);
  let next = 0;
  const attempt = async (cell: Cell): Promise<Answer> => {
    const prefix = addressOf.has(cell.from)
      ? stage.inside(cell.from)
      : stage.lab.host(cell.from).enter;
    const result = await runProgram([...prefix, ...cell.probe], { stdin: "hello\n" });
    return answerOf(result, cell.probe);
  };
  const worker = async () => {
    for (let index = next++; index < table.length; index = next++) {
      const cell = table[index];
      if (cell === undefined) return;
      answers[index] = await attempt(cell);
      // A busy machine may be late with an answer; a leak is never asked twice.
      for (let again = 0; again < 3 && cell.expected !== null && answers[index] === null; again++) {
        answers[index] = await attempt(cell);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return answers;
}

/** Tries every cell on a stage and writes the table; the cells that are not as expected. */
export async function trySeparation(
  stage: Stage,
  title: string,
  write: (text: string) => void,
): Promise<readonly string[]> {
  const table = cells();
  const answers = await tryCells(stage, table);
  const wrong: string[] = [];
  write(`\n${title}: ${table.length} cells\n`);
  for (const from of new Set(table.map((cell) => cell.from))) {
    write(`  from ${from}\n`);
    table.forEach((cell, index) => {
      if (cell.from !== from) return;
      const answer = answers[index] ?? null;
      const good = answer === cell.expected;
      const remark = good ? "" : `   (expected ${cell.expected ?? "-"})`;
      write(`    ${good ? "ok   " : "WRONG"} ${cell.to.padEnd(28)} ${answer ?? "-"}${remark}\n`);
      if (!good) wrong.push(`${title}: ${from} → ${cell.to}: ${answer}, not ${cell.expected}`);
    });
  }
  return wrong;
}

/** Both ways of br_netfilter; the setting is the namespace's own and goes with it. */
export async function runSeparation(
  stage: Stage,
  write: (text: string) => void,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const netfilter of ["1", "0"]) {
    for (const name of ["iptables", "ip6tables", "arptables"]) {
      await stage.box.settings.write(`net/bridge/bridge-nf-call-${name}`, netfilter);
    }
    wrong.push(...await trySeparation(stage, `bridge-nf-call-iptables=${netfilter}`, write));
  }
  return wrong;
}

if (import.meta.main) {
  await requirePrograms(PROGRAMS);
  const write = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(text));
  let wrong: readonly string[];
  {
    await using stage = await openStage();
    wrong = await runSeparation(stage, write);
  }
  write(wrong.length === 0 ? "\nevery cell is as expected\n" : `\n${wrong.join("\n")}\n`);
  if (wrong.length > 0) Deno.exitCode = 1;
}
