/**
 * Where what we print is meant to differ from what compose-go prints of the same files. Each entry
 * takes its difference out of both, so that nothing but these may differ; the page
 * ui/docs/compose-differences.md is made of the words.
 */
import { NOTED } from "../noted_keys.ts";

export type Side = "ours" | "theirs";

/** A value of a printed model. */
export type Printed = null | boolean | number | string | Printed[] | { [key: string]: Printed };

export interface MeantReading {
  readonly theirs: string;
  readonly ours: string;
  readonly reason: string;
  /** The value without the difference; undefined: it is left out. What stands below comes first. */
  readonly without: (value: Printed, path: string, side: Side) => Printed | undefined;
}

const isMap = (value: Printed | undefined): value is { [key: string]: Printed } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isEmpty = (value: Printed) => isMap(value) && Object.keys(value).length === 0;
const nameOf = (path: string) => path.slice(path.lastIndexOf(".") + 1);

const TARGET_FOLDERS: ReadonlyMap<string, string> = new Map([
  ["services.*.secrets[].target", "/run/secrets/"],
  ["services.*.configs[].target", "/"],
]);

const MAY_BE_EMPTY = new Set([
  "services.*.deploy",
  "services.*.deploy.placement",
  "services.*.deploy.resources",
  "services.*.deploy.resources.limits",
  "services.*.deploy.resources.reservations",
  "services.*.deploy.update_config",
  "services.*.deploy.restart_policy",
  "services.*.volumes[].bind",
  "services.*.volumes[].volume",
  "services.*.volumes[].tmpfs",
  "networks.*.ipam",
]);

/** In the order in which they are taken out. */
export const MEANT_READINGS: readonly MeantReading[] = [
  {
    theirs: "keys that change nothing here (note in the table of keys) are printed",
    ours: "they are left out",
    reason: "they say nothing here; applying tells it in a note",
    without: (value, path) => Object.hasOwn(NOTED, path) ? undefined : value,
  },
  {
    theirs: "`logging` is printed",
    ours: "it is left out",
    reason: "logs are kept by Skerry, in one place",
    without: (value, path) => path === "services.*.logging" ? undefined : value,
  },
  {
    theirs: "`env_file` and `label_file` are printed beside the values read from them",
    ours: "the values alone",
    reason: "the model goes to another machine, where the files are not",
    without: (value, path) =>
      path === "services.*.env_file" || path === "services.*.label_file" ? undefined : value,
  },
  {
    theirs: "`x-*` are printed as written; labels, variables and arguments so named are lost",
    ours: "`x-skerry` with its defaults, the others not; such labels and variables stay",
    reason: "the specification ignores extensions, ours are typed; names below are the user's own",
    without: (value, path) => /^(x-|#extensions$)/.test(nameOf(path)) ? undefined : value,
  },
  {
    theirs: "a `$` in a value is single",
    ours: "doubled, as `docker compose config` prints it",
    reason: "what is printed reads as the same model",
    without: (value, _, side) =>
      side === "ours" && typeof value === "string" ? value.replaceAll("$$", "$") : value,
  },
  {
    theirs: "the `target` of a secret or config may be a name",
    ours: "`/run/secrets/NAME` and `/NAME`",
    reason: "a model has absolute paths only",
    without: (value, path) => {
      const folder = TARGET_FOLDERS.get(path);
      return folder === undefined || typeof value !== "string" || value.startsWith("/")
        ? value
        : folder + value;
    },
  },
  {
    theirs: "the `target` of a config is printed where it was written",
    ours: "it is left out where it is the default, `/NAME`",
    reason: "one form",
    without: (value, path) => {
      if (path !== "services.*.configs[]" || !isMap(value)) return value;
      const { target, ...rest } = value;
      return target === `/${value["source"]}` ? rest : value;
    },
  },
  {
    theirs: "an absolute path may end in `/`",
    ours: "it does not",
    reason: "one form",
    without: (value, path, side) =>
      side === "theirs" && nameOf(path) === "source" && typeof value === "string" &&
        value.length > 1
        ? value.replace(/\/$/, "")
        : value,
  },
  {
    theirs:
      "empty `deploy`, `placement`, `resources`, `bind`, `volume`, `tmpfs` and `ipam` are printed",
    ours: "they are left out",
    reason: "they say nothing",
    without: (value, path) => MAY_BE_EMPTY.has(path) && isEmpty(value) ? undefined : value,
  },
  {
    theirs: "`network_mode: bridge` is printed, and the service joins no network",
    ours: "the service joins the project's default network",
    reason: "a node has one bridge, and the firewall decides by network",
    without: (value, path) => {
      if (!isMap(value)) return value;
      if (path === "services.*" && value["network_mode"] === "bridge") {
        const { network_mode: _, ...rest } = value;
        return { ...rest, networks: { default: null } };
      }
      if (path !== "" || !isMap(value["networks"])) return value;
      const { networks, ...rest } = value;
      const { default: fallback, ...others } = networks;
      // Whether it is there follows from what the services join.
      const isPlain = isMap(fallback) && Object.keys(fallback).join() === "name";
      const kept = isPlain ? others : networks;
      return isEmpty(kept) ? rest : { ...rest, networks: kept };
    },
  },
  {
    theirs: "a port written with `host_ip: 0.0.0.0` and once more without counts twice",
    ours: "once",
    reason: "they are the same",
    without: (value, path) => {
      if (path !== "services.*.ports" || !Array.isArray(value)) return value;
      const ports = new Map(value.map((port): [string, Printed] => {
        if (!isMap(port)) return [JSON.stringify(port), port];
        const { host_ip = "0.0.0.0", published = "", target = null, protocol = null } = port;
        return [JSON.stringify([host_ip, published, target, protocol]), port];
      }));
      return [...ports].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, port]) => port);
    },
  },
  {
    theirs: "an address of `extra_hosts` written twice is printed twice",
    ours: "once",
    reason: "it says nothing more",
    without: (value, path) =>
      path.endsWith(".extra_hosts") && Array.isArray(value) ? [...new Set(value)] : value,
  },
  {
    theirs: "a network of a service without settings may be `{}`",
    ours: "`null`",
    reason: "one form",
    without: (value, path) => path === "services.*.networks.*" && isEmpty(value) ? null : value,
  },
];
