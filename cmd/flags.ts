/**
 * The settings of `up`, `control` and `agent`, in one table: flag, environment variable, default,
 * what is accepted and what help says. A flag wins over its variable, the variable over the default.
 */
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { DEFAULT_HOME, type HomeLayout, homeLayout } from "../shared/home.ts";
import type { DiskLimits } from "../shared/model/disk.ts";
import { budget, metricsBudget, percent, span } from "./disk_values.ts";
import { UsageError } from "./usage_error.ts";

/** Where a server listens. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Settings of `skerry control`. */
export interface ControlOptions {
  readonly layout: HomeLayout;
  /** The page and the API over TCP; the control socket is always there. */
  readonly listen: ListenAddress;
  /** The fleet's range of containers, such as 10.200.0.0/16; a /24 or smaller is one node's own. */
  readonly containerCidr: string;
  readonly meshCidr: string;
  /** Zone of internal names, without dots at its ends. */
  readonly zone: string;
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

/** Settings of `skerry agent`. */
export interface AgentOptions {
  readonly layout: HomeLayout;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** On 127.0.0.1, for the host itself. */
  readonly dnsPort: number;
  /** The node's name. */
  readonly name: string;
  /** `host[:port]` of registries that may speak plain http or show a certificate of their own. */
  readonly insecureRegistries: readonly string[];
  readonly disk: DiskLimits;
  /** An image that a person fetched or loaded, and that nothing needs, stays so long. */
  readonly imageKeepMs: number;
  /** All that is kept of metrics. */
  readonly metricsBudgetBytes: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

/** Settings of `skerry up`: both. */
export type UpOptions = ControlOptions & AgentOptions;

const port = z.string().regex(/^\d{1,5}$/, "write a port between 1 and 65535").transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, "write a port between 1 and 65535");

const listen = z.string().transform((text, issues): ListenAddress => {
  const parts = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const number = Number(parts?.[3]);
  if (parts === null || number < 1 || number > 65_535) {
    issues.addIssue("write ADDRESS:PORT, such as 127.0.0.1:7443");
    return z.NEVER;
  }
  return { hostname: parts[1] ?? (parts[2] || "0.0.0.0"), port: number };
});

function rangeIssue(text: string): string | null {
  const parsed = z.cidrv4().safeParse(text);
  if (!parsed.success) return "write an IPv4 range, such as 10.200.0.0/16";
  const [address = "", length = ""] = text.split("/");
  const bits = Number(length);
  if (bits < 8 || bits > 28) return "write a range between /8 and /28";
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  if (value % size === 0) return null;
  const first = value - value % size;
  const dotted = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
  return `the range begins at ${dotted}: write ${dotted}/${length}`;
}
const range = z.string().superRefine((text, issues) => {
  const issue = rangeIssue(text);
  if (issue !== null) issues.addIssue(issue);
});

const zone = z.string().regex(
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
  "write lower-case labels of letters, digits and hyphens, such as internal",
).max(100);
const nodeName = z.string().regex(
  /^[a-z0-9][a-z0-9-]{0,62}$/,
  "write lower-case letters, digits and hyphens, at most 63",
);
const REGISTRY = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:\d{1,5})?$/;
const registries = z.string()
  .transform((text) => text.split(",").map((each) => each.trim()).filter((each) => each !== ""))
  .refine(
    (names) => names.every((name) => REGISTRY.test(name)),
    "write HOST or HOST:PORT, such as registry.plant.lan:5000",
  );
const logLevel = z.enum(["debug", "info", "warn", "error"], {
  error: "write debug, info, warn or error",
});

/** One setting. */
export interface Flag {
  readonly long: string;
  readonly variable: string;
  readonly value: string;
  readonly help: string;
  /** null: it is found out on this machine. */
  readonly fallback: string | null;
  /** May be given several times; the values are joined by commas, as in the variable. */
  readonly repeatable?: true;
  readonly for: ReadonlySet<Role>;
}

/** Which program a setting is for. */
export type Role = "up" | "control" | "agent";

const CONTROL = new Set<Role>(["up", "control"]);
const AGENT = new Set<Role>(["up", "agent"]);
const ALL = new Set<Role>(["up", "control", "agent"]);

/** The table. */
export const FLAGS = {
  listen: {
    long: "--listen",
    variable: "SKERRY_LISTEN",
    value: "ADDRESS:PORT",
    help: "where the page and the API listen, by HTTPS; 127.0.0.1:7443 keeps them to this host",
    fallback: "0.0.0.0:7443",
    for: CONTROL,
  },
  httpPort: {
    long: "--http-port",
    variable: "SKERRY_HTTP_PORT",
    value: "PORT",
    help: "port of the ingress for http",
    fallback: "80",
    for: AGENT,
  },
  httpsPort: {
    long: "--https-port",
    variable: "SKERRY_HTTPS_PORT",
    value: "PORT",
    help: "port of the ingress for https",
    fallback: "443",
    for: AGENT,
  },
  dnsPort: {
    long: "--dns-port",
    variable: "SKERRY_DNS_PORT",
    value: "PORT",
    help: "port on 127.0.0.1 where the host itself may ask for internal names",
    fallback: "7453",
    for: AGENT,
  },
  containerCidr: {
    long: "--container-cidr",
    variable: "SKERRY_CONTAINER_CIDR",
    value: "RANGE",
    help: "range of the containers' addresses; this node takes a /24 of it",
    fallback: "10.200.0.0/16",
    for: CONTROL,
  },
  meshCidr: {
    long: "--mesh-cidr",
    variable: "SKERRY_MESH_CIDR",
    value: "RANGE",
    help: "range of the nodes' addresses among themselves",
    fallback: "10.100.0.0/16",
    for: CONTROL,
  },
  zone: {
    long: "--zone",
    variable: "SKERRY_ZONE",
    value: "ZONE",
    help: "zone of internal names: db.PROJECT.ZONE",
    fallback: "internal",
    for: CONTROL,
  },
  name: {
    long: "--name",
    variable: "SKERRY_NAME",
    value: "NAME",
    help: "name of this node; else the host's",
    fallback: null,
    for: AGENT,
  },
  insecureRegistry: {
    long: "--insecure-registry",
    variable: "SKERRY_INSECURE_REGISTRIES",
    value: "HOST[:PORT]",
    help: "a registry that may speak plain http or show a certificate of its own; may be repeated",
    fallback: "",
    repeatable: true,
    for: AGENT,
  },
  diskBudget: {
    long: "--disk-budget",
    variable: "SKERRY_DISK_BUDGET",
    value: "SIZE",
    help: "the most that images, logs, events and files of projects may take, such as 8GiB",
    fallback: "none",
    for: AGENT,
  },
  diskHigh: {
    long: "--disk-high",
    variable: "SKERRY_DISK_HIGH",
    value: "PERCENT",
    help: "so full, the disk is told of and images that nothing needs are removed",
    fallback: "85",
    for: AGENT,
  },
  diskLow: {
    long: "--disk-low",
    variable: "SKERRY_DISK_LOW",
    value: "PERCENT",
    help: "until the disk is only so full",
    fallback: "80",
    for: AGENT,
  },
  metricsBudget: {
    long: "--metrics-budget",
    variable: "SKERRY_METRICS_BUDGET",
    value: "SIZE",
    help: "what the metrics that are kept on the box take at most, such as 16MiB",
    fallback: "48MiB",
    for: AGENT,
  },
  imageKeep: {
    long: "--image-keep",
    variable: "SKERRY_IMAGE_KEEP",
    value: "TIME",
    help: "an image that a person fetched or loaded stays so long though nothing needs it",
    fallback: "24h",
    for: AGENT,
  },
  logLevel: {
    long: "--log-level",
    variable: "SKERRY_LOG_LEVEL",
    value: "LEVEL",
    help: "least level that is logged: debug, info, warn or error",
    fallback: "info",
    for: ALL,
  },
} as const satisfies Record<string, Flag>;

type FlagName = keyof typeof FLAGS;
const NAMES = Object.keys(FLAGS).filter((name): name is FlagName => name in FLAGS);

/** The flags of a role, for its command. */
export function addFlags(command: Command, role: Role): Command {
  for (const name of NAMES) {
    const flag: Flag = FLAGS[name];
    if (!flag.for.has(role)) continue;
    const fallback = (flag.fallback ?? "") === "" ? "" : `, default ${flag.fallback}`;
    const option = `${flag.long} <${flag.value}>`;
    const help = `${flag.help} (${flag.variable}${fallback})`;
    if (flag.repeatable === true) command.option(option, help, joined);
    else command.option(option, help);
  }
  return command;
}

function joined(value: string, before: string | undefined): string {
  return before === undefined ? value : `${before},${value}`;
}

/** What flags and variables say, as they were written. */
export interface Given {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whatever the host calls itself; made to fit where it does not. */
  readonly hostname: string;
}

function textOf(name: FlagName, given: Given): { text: string; source: string } {
  const flag: Flag = FLAGS[name];
  const written = given.flags[name];
  if (typeof written === "string") return { text: written, source: flag.long };
  const variable = given.env[flag.variable];
  if (variable !== undefined && variable !== "") return { text: variable, source: flag.variable };
  return { text: flag.fallback ?? nameFromHost(given.hostname), source: flag.long };
}

/** The settings of `up` that somebody wrote, by flag or variable, in the table's order. */
export function writtenSettings(given: Given): { variable: string; text: string }[] {
  return NAMES.flatMap((name) => {
    const flag: Flag = FLAGS[name];
    const { text } = textOf(name, given);
    const written = given.flags[name] !== undefined || (given.env[flag.variable] ?? "") !== "";
    return written ? [{ variable: flag.variable, text }] : [];
  });
}

/** A node name from the host's own: its first label, with what does not fit left out. */
export function nameFromHost(hostname: string): string {
  const label = (hostname.split(".")[0] ?? "").toLowerCase();
  const fitting = label.replaceAll(/[^a-z0-9-]/g, "-").replace(/^-+/, "").slice(0, 63);
  return fitting === "" ? "node" : fitting;
}

function read<Value>(name: FlagName, check: z.ZodType<Value>, given: Given): Value {
  const { text, source } = textOf(name, given);
  const result = check.safeParse(text);
  if (result.success) return result.data;
  throw new UsageError(
    `${source}: "${text}" does not fit`,
    result.error.issues[0]?.message ?? null,
  );
}

/** The home that `--home` or SKERRY_HOME names, against the caller's folder; else the default. */
export function homeFrom(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): HomeLayout {
  const written = flag ?? env["SKERRY_HOME"] ?? "";
  if (/[\p{Cc}"'\\:,]/u.test(written)) {
    throw new UsageError(
      `--home: ${JSON.stringify(written)} holds a control character or one of " ' \\ : ,`,
      "name a folder with a plainer path",
    );
  }
  if (written.length > 200) {
    throw new UsageError("--home: it has over 200 characters", "name a folder nearer to the root");
  }
  return homeLayout(written === "" ? DEFAULT_HOME : resolve(cwd, written));
}

/** The settings of `control`. Throws UsageError that names the flag or variable at fault. */
export function controlOptions(layout: HomeLayout, given: Given): ControlOptions {
  return {
    layout,
    listen: read("listen", listen, given),
    containerCidr: read("containerCidr", range, given),
    meshCidr: read("meshCidr", range, given),
    zone: read("zone", zone, given),
    logLevel: read("logLevel", logLevel, given),
  };
}

/** The settings of `agent`. Throws UsageError that names the flag or variable at fault. */
export function agentOptions(layout: HomeLayout, given: Given): AgentOptions {
  const options = {
    layout,
    httpPort: read("httpPort", port, given),
    httpsPort: read("httpsPort", port, given),
    dnsPort: read("dnsPort", port, given),
    name: read("name", nodeName, given),
    insecureRegistries: read("insecureRegistry", registries, given),
    disk: {
      budgetBytes: read("diskBudget", budget, given),
      highPercent: read("diskHigh", percent, given),
      lowPercent: read("diskLow", percent, given),
    },
    imageKeepMs: read("imageKeep", span, given),
    metricsBudgetBytes: read("metricsBudget", metricsBudget, given),
    logLevel: read("logLevel", logLevel, given),
  };
  const { highPercent, lowPercent } = options.disk;
  if (lowPercent >= highPercent) {
    throw new UsageError(
      `--disk-low ${lowPercent} is not below --disk-high ${highPercent}`,
      "choose a lower one, such as five less",
    );
  }
  if (options.httpPort === options.httpsPort) {
    throw new UsageError(
      `--http-port and --https-port are both ${options.httpPort}`,
      "give each a port of its own",
    );
  }
  return options;
}

/** The settings of `up`. Throws UsageError that names the flag or variable at fault. */
export function upOptions(layout: HomeLayout, given: Given): UpOptions {
  const options = { ...controlOptions(layout, given), ...agentOptions(layout, given) };
  if (overlap(options.containerCidr, options.meshCidr)) {
    throw new UsageError(
      `--container-cidr ${options.containerCidr} and --mesh-cidr ${options.meshCidr} overlap`,
      "choose two ranges that share no address",
    );
  }
  return options;
}

function overlap(one: string, other: string): boolean {
  const bounds = (text: string) => {
    const [address = "", length = ""] = text.split("/");
    const first = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    return { first, end: first + 2 ** (32 - Number(length)) };
  };
  const [a, b] = [bounds(one), bounds(other)];
  return a.first < b.end && b.first < a.end;
}
