/** The rules of the code's shape, each with its reason. Pure: sources in, violations out. */
import { markupFaults } from "./markup.ts";
import { codeOnly, ownImports, type Source } from "./sources.ts";

export interface Rule {
  readonly name: string;
  /** Stands in the message of a violation. */
  readonly reason: string;
  /** What a source does against the rule, in words. */
  readonly violations: (source: Source) => string[];
}

const isTest = (path: string) => /(_test|\/fuzz)\.tsx?$/.test(path) || path.includes("/testing/");
const roomOf = (path: string) => path.split("/")[0] ?? "";
const driverOf = (path: string) => /^agent\/drivers\/([^/]+)\//.exec(path)?.[1] ?? null;

function importRule(
  name: string,
  reason: string,
  forbidden: (from: string, to: string) => boolean,
): Rule {
  return {
    name,
    reason,
    violations: (source) =>
      ownImports(source).filter((to) => forbidden(source.path, to)).map((to) => `imports ${to}`),
  };
}

function codeRule(
  name: string,
  reason: string,
  applies: (path: string) => boolean,
  pattern: RegExp,
): Rule {
  return {
    name,
    reason,
    violations: (source) =>
      applies(source.path)
        ? codeOnly(source.text).split("\n").flatMap((line, at) => {
          const match = pattern.exec(line);
          return match === null ? [] : [`line ${at + 1}: ${match[0].trim()}`];
        })
        : [],
  };
}

/** Modules that must stay pure: same input, same output. */
const PURE = [
  /^shared\/compose\//,
  /^shared\/model\//,
  /^shared\/names\//,
  /^shared\/schedule\//,
  /^control\/desired\//,
  /^agent\/facets\/[^/]+\/plan[^/]*\.ts$/,
  /^agent\/drivers\/[^/]+\/(render|parse)[^/]*\.ts$/,
  /^agent\/loops\/disk\/(plan|kept)[^/]*\.ts$/,
  /^agent\/loops\/dns\/(wire|lookup|view|zone)[^/]*\.ts$/,
  /^agent\/reconcile\/(plan|intent|serving|backoff)[^/]*\.ts$/,
  /^cmd\/output\//,
];

/** Is it a module without clock, random and machine? */
export function isPure(path: string): boolean {
  return !isTest(path) && PURE.some((pattern) => pattern.test(path));
}

const SQL_ROOMS = /^(control\/store|agent\/spool|agent\/metrics|shared\/sqlite|scripts)\//;
const SQL =
  /\b(SELECT\s[^;"'`]*\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX)\s)/;

export const RULES: readonly Rule[] = [
  importRule(
    "shared imports nothing of ours",
    "control plane, agent and CLI of different versions rest on shared; it must rest on nothing",
    (from, to) => roomOf(from) === "shared" && roomOf(to) !== "shared",
  ),
  importRule(
    "control and agent never import each other",
    "they are different programs on different machines; only the wire in shared/ joins them",
    (from, to) =>
      !from.startsWith("control/testing/") &&
      ((roomOf(from) === "control" && roomOf(to) === "agent") ||
        (roomOf(from) === "agent" && roomOf(to) === "control")),
  ),
  importRule(
    "only cmd and scripts import cmd",
    "cmd composes the programs; a library that knows its program cannot be tested alone",
    (from, to) => roomOf(to) === "cmd" && !["cmd", "scripts"].includes(roomOf(from)),
  ),
  importRule(
    "nothing imports scripts",
    "scripts are tools for developers and do not travel with the program; tests may use the lab",
    (from, to) => roomOf(to) === "scripts" && roomOf(from) !== "scripts" && !isTest(from),
  ),
  importRule(
    "ui imports shared alone",
    "pages show what they are given; who may see it is decided in control",
    (from, to) => roomOf(from) === "ui" && !["ui", "shared"].includes(roomOf(to)),
  ),
  importRule(
    "only control/web imports ui",
    "the API must stand without its pages",
    (from, to) =>
      roomOf(to) === "ui" && !from.startsWith("control/web/") &&
      !["ui", "cmd", "scripts"].includes(roomOf(from)),
  ),
  importRule(
    "drivers know no facets",
    "a driver speaks to a tool; what is wanted of the tool is the facet's matter",
    (from, to) => driverOf(from) !== null && /^agent\/(facets|reconcile|loops|sync)\//.test(to),
  ),
  importRule(
    "drivers do not import each other",
    "each tool can be exchanged alone; what engines share stands in agent/drivers/engine",
    (from, to) => {
      const [own, other] = [driverOf(from), driverOf(to)];
      return own !== null && other !== null && own !== other && other !== "engine" && !isTest(from);
    },
  ),
  codeRule(
    "pure modules touch no machine, clock or chance",
    "equal intent must be equal bytes, and a plan must be the same when it is made again: hand time and ids in",
    isPure,
    /\bDeno\.|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bsetTimeout\b|\bcrypto\.(random|getRandom)/,
  ),
  {
    name: "SQL stands in the stores alone",
    reason: "a change of the schema must be found in one place",
    violations: ({ path, text }) => {
      if (SQL_ROOMS.test(path) || isTest(path)) return [];
      const found = /from "node:sqlite"/.test(text) ? ["imports node:sqlite"] : [];
      const match = SQL.exec(text);
      return match === null ? found : [...found, `holds SQL: ${match[0].slice(0, 40)}`];
    },
  },
  {
    name: "no command goes through a shell",
    reason: "a name with a quote in it would become a command: hand over an argv array",
    violations: ({ path, text }) =>
      isTest(path) || path.startsWith("scripts/check/") ? [] : [
        ...text.matchAll(
          /(?:Command|spawn|exec(?:File)?(?:Sync)?)\(\s*"(?:\/bin\/)?(?:ba|da|z)?sh"/g,
        ),
      ]
        .map((match) => match[0]),
  },
  codeRule(
    "only cmd/main.ts ends the process",
    "whoever exits in the middle leaves locks, sockets and half-written files behind: return or throw",
    (path) => path !== "cmd/main.ts" && !path.startsWith("scripts/"),
    /\bDeno\.exit\(|\bprocess\.exit\(/,
  ),
  {
    name: "the compiler is not silenced",
    reason: "what it says is true: parse at the boundary, or state the type",
    violations: ({ path, text }) =>
      path.startsWith("scripts/check/") ? [] : [
        ...text.matchAll(/@ts-ignore|@ts-expect-error|@ts-nocheck|\bas any\b|\bas unknown as\b/g),
      ]
        .map((match) => match[0]),
  },
  {
    name: "markup holds what browsers know and the policy lets in",
    reason:
      "the compiler takes any element name; style and handlers in markup would need a policy " +
      "that lets foreign script in: use a class, and a module in ui/client",
    violations: ({ path, text }) => path.endsWith(".tsx") ? markupFaults(text) : [],
  },
  importRule(
    "client modules import their neighbours alone",
    "browsers get them one by one from one folder; only names beside their own are there",
    (from, to) => from.startsWith("ui/client/") && !/^ui\/client\/[a-z_]+\.ts$/.test(to),
  ),
  {
    name: "raw markup stands in the frame alone",
    reason: "what is not escaped runs in the reader's browser",
    violations: ({ path, text }) =>
      /\bfrom "hono\/html"/.test(text) && path !== "ui/layout/document.tsx" && !isTest(path)
        ? ["imports hono/html"]
        : [],
  },
  {
    name: "no test is left out",
    reason: "a test that does not run looks like one that passes",
    violations: ({ path, text }) =>
      path.startsWith("scripts/check/") ? [] : [
        ...text.matchAll(
          /\b(?:Deno\.test|it|test|describe)\.(?:only|ignore|skip)\b|\bignore:\s*true\b|\bonly:\s*true\b/g,
        ),
      ]
        .map((match) => match[0]),
  },
  {
    name: "files are named after what they are",
    reason: "utils, helpers and managers are where code goes that nobody finds again",
    violations: ({ path }) =>
      /(^|[/_])(utils?|helpers?|managers?|misc|common)(_test)?(\.tsx?$|\/)/.test(path)
        ? ["the name says nothing"]
        : [],
  },
  {
    name: "files stay readable in one sitting",
    reason: "past 400 lines a file holds more than one thing: take one out",
    violations: ({ path, text }) => {
      const lines = text.split("\n").length - 1;
      return lines > 400 && !isTest(path) ? [`${lines} lines`] : [];
    },
  },
];

/** Everything that is wrong, one line each: path, what, and why it matters. */
export function violations(sources: readonly Source[], rule: Rule): string[] {
  return sources.flatMap((source) =>
    rule.violations(source).map((what) => `${source.path}: ${what} (${rule.name}: ${rule.reason})`)
  );
}
