/**
 * A bounded fuzz of the reader: files are mutated and read; nothing may throw, every problem has a
 * place and a remedy, and what was read reads the same again when it is printed.
 */
import { messageOf } from "../errors.ts";
import { ComposeModel } from "./model.ts";
import { readCompose, type ReadResult } from "./read.ts";
import { renderConfig } from "./render.ts";

export interface FuzzFailure {
  /** Run it again with this seed and one run. */
  readonly seed: number;
  /** The compose files as they were read, mutated. */
  readonly texts: readonly string[];
  /** The env file beside them, mutated. */
  readonly envFile: string;
  readonly reason: string;
}

export interface FuzzReport {
  readonly runs: number;
  /** How many of them were read. */
  readonly read: number;
  readonly failures: readonly FuzzFailure[];
}

/** Small files that hold something of everything. */
export const CORPUS: readonly string[] = [
  `services:
  web:
    image: nginx:\${TAG:-1.27}
    command: sh -c "echo hi"
    environment: [A=1, B, "C=\${X}"]
    ports: ["8080:80", "127.0.0.1:9000-9002:90-92/udp", {target: 1, published: "2"}]
    volumes: [data:/d:ro, ./x:/y, {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0755}}]
    depends_on: {db: {condition: service_healthy}}
    healthcheck: {test: [CMD, x], interval: 1m30s, retries: 3}
    deploy: {replicas: 1, resources: {limits: {cpus: "0.5", memory: 64m}}}
    networks: {front: {aliases: [w]}, default: }
    x-skerry: {routes: [{host: a.example, port: 80}], health: {http: /}, drain: 5s}
  db: {image: postgres, secrets: [s], configs: [{source: c, target: /c}], env_file: e.env}
networks: {front: {internal: true}}
volumes: {data: }
secrets: {s: {file: ./s}}
configs: {c: {content: "x$$y"}}
`,
  `x-base: &base
  image: x
  labels: &labels {a: "1"}
services:
  a:
    <<: *base
    labels:
      <<: *labels
      b: 2
    extra_hosts: {h: 192.0.2.1}
    ulimits: {nofile: {soft: 1, hard: 2}}
    stop_grace_period: 10s
    restart: on-failure:3
  b: *base
`,
  `services: {a: {build: {context: ., args: {A: 1}}, scale: 2, expose: [80], user: "1", init: true}}\n`,
];

const TOKENS: readonly string[] = [
  "services",
  "&a",
  "*a",
  "<<: *base",
  "!!binary",
  "!reset",
  "---\n",
  "...\n",
  "\t",
  "\n",
  ": ",
  "- ",
  "[",
  "]",
  "{",
  "}",
  "'",
  '"',
  "|",
  ">",
  "#",
  "$",
  "$$",
  "${",
  "${A:-",
  "}",
  "\0",
  "\uFEFF",
  "%",
  "@",
  "null",
  "~",
  "true",
  "0o17",
  "1e999",
  "-1",
  "99999999999999999999",
  "__proto__",
  "constructor",
  "? ",
  "ports",
  "volumes",
  "environment",
  "x-skerry",
  "\u2028",
  "\uD800",
  "é",
  "..",
  "/",
  "\\",
];

/** A small generator of its own, so that a seed says everything (mulberry32). */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % Math.max(1, below);
  };
}

/** A text with some of its parts cut, doubled, replaced and mixed with those of the others. */
export function mutated(
  text: string,
  pick: (below: number) => number,
  corpus: readonly string[],
): string {
  let out = text;
  for (let i = pick(pick(2) === 0 ? 2 : 6); i > 0; i--) {
    const at = pick(out.length + 1);
    const length = pick(12);
    switch (pick(6)) {
      case 0:
        out = out.slice(0, at) + out.slice(at + length);
        break;
      case 1:
        out = out.slice(0, at) + (TOKENS[pick(TOKENS.length)] ?? "") + out.slice(at);
        break;
      case 2:
        out = out.slice(0, at) + String.fromCharCode(pick(pick(8) === 0 ? 65_536 : 128)) +
          out.slice(at + 1);
        break;
      case 3: {
        const lines = out.split("\n");
        const line = lines[pick(lines.length)] ?? "";
        lines.splice(pick(lines.length + 1), pick(2), line);
        out = lines.join("\n");
        break;
      }
      case 4: {
        const other = corpus[pick(corpus.length)] ?? "";
        const from = pick(other.length);
        out = out.slice(0, at) + other.slice(from, from + pick(80)) + out.slice(at);
        break;
      }
      default:
        out = out.slice(0, at) + (TOKENS[pick(TOKENS.length)] ?? "") + out.slice(at + length);
    }
  }
  return out;
}

function readTexts(texts: readonly string[], envFile: string): ReadResult {
  return readCompose({
    files: texts.map((text, i) => ({ path: `/project/${i}.yaml`, text })),
    projectDirectory: "/project",
    environment: { A: "a", X: "x y" },
    profiles: ["*"],
    projectName: null,
    readFile: (path) =>
      path === "/project/e.env" || path.endsWith("/.env")
        ? { kind: "text", text: envFile }
        : { kind: "missing" },
  });
}

/** Why a reading is not sound; null: it is. */
export function faultOf(result: ReadResult): string | null {
  if (result.kind === "problems") {
    if (result.problems.length === 0) return "no problem is told";
    const odd = result.problems.find((one) =>
      one.line < 1 || one.column < 1 || one.remedy === null
    );
    return odd === undefined ? null : `a problem without place or remedy: ${odd.message}`;
  }
  const parsed = ComposeModel.safeParse(result.model);
  if (!parsed.success) return `the model is not valid: ${parsed.error.message}`;
  for (const format of ["yaml", "json"] as const) {
    const printed = renderConfig(result.model, format);
    const again = readTexts([printed], "");
    if (again.kind === "problems") {
      return `${format} cannot be read again: ${again.problems[0]?.message}`;
    }
    if (renderConfig(again.model, format) !== printed) return `${format} reads otherwise again`;
  }
  return null;
}

function fail(texts: readonly string[], envFile: string): { read: boolean; reason: string | null } {
  try {
    const result = readTexts(texts, envFile);
    return { read: result.kind === "ok", reason: faultOf(result) };
  } catch (thrown) {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    return { read: false, reason: `it threw: ${stack ?? messageOf(thrown)}` };
  }
}

/**
 * Reads `runs` mutated inputs.
 * @param corpus compose files to begin with; some small ones where it is absent
 */
export function fuzzCompose(
  runs: number,
  seed: number,
  corpus: readonly string[] = CORPUS,
): FuzzReport {
  const failures: FuzzFailure[] = [];
  let read = 0;
  for (let run = 0; run < runs && failures.length < 20; run++) {
    const pick = generator(seed + run);
    const texts: string[] = [];
    for (let i = pick(4) === 0 ? 2 : 1; i > 0; i--) {
      texts.push(mutated(corpus[pick(corpus.length)] ?? "", pick, corpus));
    }
    const envFile = mutated(
      "A=1\nexport B='x $A'\nC=\"a\\n${B}\"\n# c\nD=${A:-x} # y\n",
      pick,
      corpus,
    );
    const outcome = fail(texts, envFile);
    if (outcome.read) read++;
    if (outcome.reason !== null) {
      failures.push({ seed: seed + run, texts, envFile, reason: outcome.reason });
    }
  }
  return { runs, read, failures };
}
