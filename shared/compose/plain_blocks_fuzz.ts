/** Where the short way of reading answers, the YAML parser must answer the very same. */
import { isDeepStrictEqual } from "node:util";
import { CORPUS, generator, mutated } from "./fuzz.ts";
import { parseYaml } from "./parse.ts";
import { readPlainBlocks } from "./plain_blocks.ts";
import { createProblems } from "./problem.ts";

export interface PlainBlocksReport {
  readonly runs: number;
  /** How many of them went the short way. */
  readonly short: number;
  readonly failures: readonly {
    readonly seed: number;
    readonly text: string;
    readonly reason: string;
  }[];
}

const PLAIN = `# Plain blocks
name: shop
services:
  web: # one
    image: "nginx:1.27"
    command: ["serve", --port, '8080', 80]
    environment:
      NAME: a b#c
      LEVEL: \${LEVEL:-info}
      EMPTY:
      FLAG: true
    ports:
    - "127.0.0.1:80:80"
    - target: 90
      published: 9090
    volumes:
      - data:/data:ro # two

    networks: [ front ]
  db:
    image: postgres
    command:
      - --one=1
    restart: no
networks:
  front: {}
volumes:
  data:
`;
const OTHERS = [
  ...CORPUS,
  PLAIN,
  "a:\n  - b: 1\n    c:\n    - d\n  - 0x1f\n  - 1e3\n  - .5\ne: 07\n",
];
/** What means something to YAML; one at a time lands in a plain text. */
const SIGNS = [
  ..."\n  --:#,[]{}&*!|>'\"%@`?\\~.0179eExo\u00e9",
  ": ",
  " #",
  "\n\n",
  "- ",
  "\n- ",
  "...",
];

/** Why the two readings differ; null: they agree, or there is one only. `short`: there are two. */
export function shortWayFault(text: string): { short: boolean; reason: string | null } {
  const short = readPlainBlocks("/f", text);
  if (short === null) return { short: false, reason: null };
  const problems = createProblems();
  const whole = parseYaml("/f", text, problems);
  const [problem] = problems.problems([]);
  const reason = problem !== undefined
    ? `only the YAML parser says: ${problem.message}`
    : isDeepStrictEqual(short, whole)
    ? null
    : "the YAML parser reads another tree";
  return { short: true, reason };
}

/** Compares `runs` mutated texts. */
export function fuzzPlainBlocks(runs: number, seed: number): PlainBlocksReport {
  const failures: PlainBlocksReport["failures"][number][] = [];
  let short = 0;
  for (let run = 0; run < runs && failures.length < 20; run++) {
    const pick = generator(seed + run);
    let text = PLAIN;
    for (let i = pick(4); i > 0; i--) {
      const at = pick(text.length + 1);
      text = text.slice(0, at) + (SIGNS[pick(SIGNS.length)] ?? "") + text.slice(at + pick(4));
    }
    if (pick(4) === 0) text = mutated(text, pick, OTHERS);
    const fault = shortWayFault(text);
    if (fault.short) short++;
    if (fault.reason !== null) failures.push({ seed: seed + run, text, reason: fault.reason });
  }
  return { runs, short, failures };
}
