/** Where the short way of reading answers, the YAML parser must answer the very same. */
import { isDeepStrictEqual } from "node:util";
import { type FuzzTarget, runOf } from "../../testing/fuzz_target.ts";
import { generator, mutated } from "../../testing/mutate.ts";
import { CORPUS } from "../fuzz.ts";
import { parseYaml } from "../parse.ts";
import { createProblems } from "../problem.ts";
import { readPlainYaml } from "./read.ts";

export interface PlainYamlReport {
  readonly runs: number;
  /** How many of them went the short way. */
  readonly short: number;
  readonly failures: readonly {
    readonly seed: number;
    readonly text: string;
    readonly reason: string;
  }[];
}

export const PLAIN = `# Plain blocks
---
name: shop
x-base: &base
  restart: always
  labels: {a: "b\\n", 'c d': 'it''s', e: }
services:
  web: # one
    <<: *base
    image: "nginx:1.27"
    command: ["serve", --port, '8080', 80, a b]
    environment: &env
      NAME: a b#c
      LEVEL: \${LEVEL:-info}
      EMPTY:
      SPACES:   
      FLAG: true
      FLOAT: -1.50
    ports:
    - "127.0.0.1:80:80"
    - target: 90
      published: 9090
    volumes:
      - data:/data:ro # two

      - &bind ./a:/b
      - *bind
    networks: [ front ]
    entrypoint: |
      one
        two

      # three

    configs: [
      {source: a, target: "/b"}, # four
      *base
    ]
  db:
    <<: [*base, {image: postgres}]
    environment: *env
    command:
      - --one=1
      - >-
        folded
        text

        again
      - |+
        kept

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
  '{"services": {"a": {"image": "x", "command": ["b", 1, true, null]}}}\n',
  '{\n  "a": [\n    "b",\n    {}\n  ],\n  "c": "d"\n}\n',
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
  "<<: ",
  "*base",
  "&env ",
  "|\n",
  ">-\n      ",
  "{a: ",
  "[b, ",
];

const MATERIAL = { corpus: OTHERS, tokens: SIGNS, alphabet: 65_536 } as const;

/** Why the two readings differ; null: they agree, or there is one only. `short`: there are two. */
export function shortWayFault(text: string): { short: boolean; reason: string | null } {
  const short = readPlainYaml("/f", text);
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
export function fuzzPlainYaml(runs: number, seed: number): PlainYamlReport {
  const failures: PlainYamlReport["failures"][number][] = [];
  let short = 0;
  for (let run = 0; run < runs && failures.length < 20; run++) {
    const pick = generator(seed + run);
    let text = OTHERS[pick(OTHERS.length)] ?? PLAIN;
    if (pick(3) > 0) text = PLAIN;
    for (let i = pick(4); i > 0; i--) {
      const at = pick(text.length + 1);
      text = text.slice(0, at) + (SIGNS[pick(SIGNS.length)] ?? "") + text.slice(at + pick(4));
    }
    if (pick(4) === 0) text = mutated(text, pick, MATERIAL);
    const fault = shortWayFault(text);
    if (fault.short) short++;
    if (fault.reason !== null) failures.push({ seed: seed + run, text, reason: fault.reason });
  }
  return { runs, short, failures };
}

/** An input is one file. */
export const PLAIN_YAML_TARGET: FuzzTarget = {
  name: "plain-yaml",
  short: 3000,
  ...MATERIAL,
  start: () =>
    runOf((text) => {
      const { short, reason } = shortWayFault(text);
      if (reason !== null) throw new Error(reason);
      return short;
    }),
};
