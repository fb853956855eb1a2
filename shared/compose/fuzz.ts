/**
 * A bounded fuzz of the reader: files are mutated and read; nothing may throw, every problem has a
 * place and a remedy, and what was read reads the same again when it is printed.
 */
import { messageOf } from "../errors.ts";
import { type FuzzTarget, runOf } from "../testing/fuzz_target.ts";
import { generator, mutated } from "../testing/mutate.ts";
import { CARRIED } from "./carried_keys.ts";
import { ComposeModel } from "./model.ts";
import { readCompose, type ReadResult } from "./read.ts";
import { renderConfig } from "./render.ts";
import { SMALL_SEEDS } from "./testing/fuzz_seeds.ts";

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

const ENV_FILE = "A=1\nexport B='x $A'\nC=\"a\\n${B}\"\n# c\nD=${A:-x} # y\n";

function readTexts(texts: readonly string[], envFile: string): ReadResult {
  return readCompose({
    files: texts.map((text, i) => ({ path: `/project/${i}.yaml`, text })),
    projectDirectory: "/project",
    environment: { A: "a", X: "x y" },
    profiles: ["*"],
    projectName: null,
    readFile: (path) => {
      if (path === "/project/e.env" || path.endsWith("/.env")) {
        return { kind: "text", text: envFile };
      }
      const text = texts[Number(/^\/project\/([0-9])\.yaml$/.exec(path)?.[1] ?? "9")];
      return text === undefined ? { kind: "missing" } : { kind: "text", text };
    },
  });
}

/** Why a reading is not sound; null: it is. */
export function faultOf(
  result: ReadResult,
  formats: readonly ("yaml" | "json")[] = ["yaml", "json"],
): string | null {
  if (result.kind === "problems") {
    if (result.problems.length === 0) return "no problem is told";
    const odd = result.problems.find((one) =>
      one.line < 1 || one.column < 1 || one.remedy === null
    );
    return odd === undefined ? null : `a problem without place or remedy: ${odd.message}`;
  }
  const parsed = ComposeModel.safeParse(result.model);
  if (!parsed.success) return `the model is not valid: ${parsed.error.message}`;
  for (const format of formats) {
    const printed = renderConfig(result.model, format);
    const again = readTexts([printed], "");
    if (again.kind === "problems") {
      return `${format} cannot be read again: ${again.problems[0]?.message}`;
    }
    if (renderConfig(again.model, format) !== printed) return `${format} reads otherwise again`;
  }
  return null;
}

function fail(
  texts: readonly string[],
  envFile: string,
  formats?: readonly ("yaml" | "json")[],
): { read: boolean; reason: string | null } {
  try {
    const result = readTexts(texts, envFile);
    return { read: result.kind === "ok", reason: faultOf(result, formats) };
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
  const material = { corpus, tokens: TOKENS, alphabet: 65_536 } as const;
  let read = 0;
  for (let run = 0; run < runs && failures.length < 20; run++) {
    const pick = generator(seed + run);
    const texts: string[] = [];
    for (let i = pick(4) === 0 ? 2 : 1; i > 0; i--) {
      texts.push(mutated(corpus[pick(corpus.length)] ?? "", pick, material));
    }
    const envFile = mutated(ENV_FILE, pick, material);
    const outcome = fail(texts, envFile);
    if (outcome.read) read++;
    if (outcome.reason !== null) {
      failures.push({ seed: seed + run, texts, envFile, reason: outcome.reason });
    }
  }
  return { runs, read, failures };
}

/** Ends the env file and each compose file but the last one of an input. */
const END = "\f\n";

/** An input is an env file and one to three compose files; the later ones are also there to be named. */
export const COMPOSE_TARGET: FuzzTarget = {
  name: "compose",
  short: 2000,
  alphabet: 65_536,
  tokens: [...TOKENS, END, ...new Set(Object.values(CARRIED).flat())],
  corpus: [
    ...SMALL_SEEDS.map((text) => `A=1${END}${text}`),
    ...CORPUS.map((text) => `${ENV_FILE}${END}${text}`),
    `A=1${END}${CORPUS[0]}${END}${CORPUS[2]}`,
    `${END}include: [1.yaml]\nservices: {b: {extends: {file: 1.yaml, service: a}}}\n${END}${
      CORPUS[2]
    }`,
  ],
  start: () =>
    runOf((input) => {
      const [envFile = "", ...texts] = input.split(END).slice(0, 4);
      // Printing YAML takes longer than all else: every fourth input stands for the others.
      const formats = input.length % 4 === 0 ? ["yaml", "json"] as const : ["json"] as const;
      const { read, reason } = fail(texts.length === 0 ? [""] : texts, envFile, formats);
      if (reason !== null) throw new Error(reason);
      return read;
    }),
};
