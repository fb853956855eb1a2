/** Files that compose-go reads and we refuse, or the other way round, and why that is meant. */
import type { Problem } from "../problem.ts";

export interface MeantRefusal {
  /** The code of our problem. */
  readonly code: string;
  /** What its message is to hold; absent: any. */
  readonly message?: RegExp;
  /** What is refused, for the page. */
  readonly what: string;
  readonly reason: string;
}

export interface MeantAcceptance {
  /** What compose-go says. */
  readonly error: RegExp;
  /** Only where one file is laid over another. */
  readonly laidOver?: true;
  readonly what: string;
  readonly reason: string;
}

export const MEANT_REFUSALS: readonly MeantRefusal[] = [
  {
    code: "not-carried-out",
    what: "keys and forms that the [table of keys](compose.md) refuses",
    reason: "nothing is passed over in silence; the message says what to write instead",
  },
  {
    code: "external",
    what: "keys beside `external: true` that would mean nothing",
    reason: "what is external is as it is; compose-go says so of volumes only",
  },
  {
    code: "value",
    message: /counts memory and swap together/,
    what: "`memswap_limit` without `mem_limit`, or below it",
    reason: "no engine takes it; said at reading, not at start",
  },
  {
    code: "value",
    message: /^more memory is reserved/,
    what: "more memory reserved than allowed",
    reason: "no engine takes it",
  },
  {
    code: "mount",
    message: /lie at|is no path in a container|cannot be "tmpfs"/,
    what:
      "two mounts, secrets or configs at one path, and paths in a container that are not absolute",
    reason: "one would hide the other; no engine takes relative ones",
  },
  {
    code: "port",
    message: /a range of host ports for one|ports of the host to/,
    what: "a range of host ports for fewer ports of the container",
    reason: "which one it would be is chance; write the one",
  },
  {
    code: "port",
    message: /IPv6/,
    what: "IPv6 addresses of the host",
    reason: "published ports are IPv4 here",
  },
  {
    code: "port-clash",
    what: "a host port published twice",
    reason: "the second would not start",
  },
  {
    code: "port-replicas",
    what: "a host port of a service with several replicas",
    reason: "it can lead to one of them only; x-skerry.routes leads to all",
  },
  {
    code: "value",
    message: / cannot be /,
    what: "values that no engine takes: images that are no reference, unknown words, cpus below 0",
    reason: "said at reading, not at start",
  },
  {
    code: "type",
    message: /is to be a (size|whole number), this is/,
    what:
      "numbers that mean nothing or are rounded in silence: sizes below 0 or as `1e3`, 1.5 shares",
    reason: "what was meant cannot be known",
  },
  {
    code: "command",
    what: "a command text with `;`, `&`, `|`, `<` or `>` outside of quotes",
    reason: "compose-go drops the rest in silence; there is no shell",
  },
  {
    code: "name",
    what: "names longer than 63 characters or with two dots in a row",
    reason: "they are names in the DNS",
  },
  {
    code: "label",
    what: "labels that begin with `skerry.`",
    reason: "they are Skerry's own",
  },
  { code: "route-clash", what: "routes that clash", reason: "one would hide the other" },
  { code: "nul", what: "a NUL anywhere", reason: "nothing on Linux takes it" },
  {
    code: "file-too-large",
    what: "a file above 1 MiB",
    reason: "it is no compose file; reading it would hold everything else up",
  },
];

export const MEANT_ACCEPTANCES: readonly MeantAcceptance[] = [
  {
    error: /^unsupported env_file format "raw"/,
    what: "`env_file` with `format: raw`",
    reason: "`docker compose` itself takes it; the library alone does not know it",
  },
  {
    error: /\.(group_add|security_opt|device_cgroup_rules) must be a array/,
    what: "a single group, security option or device rule where a list is asked",
    reason: "it can mean nothing else",
  },
  {
    error: /items at \d+ and \d+ are equal/,
    what: "the same value twice in a list",
    reason: "it says nothing more",
  },
  {
    error: /can't set distinct values on/,
    what: "an old limit (`mem_limit`, say) beside `deploy.resources` that leaves that limit open",
    reason: "nothing contradicts; two values that do are refused",
  },
  {
    error:
      /\b(attach|develop|attachable|driver_opts|enable_ipv[46]|priority|cache_from|consistency|selinux|app_protocol|delay|parallelism|window|constraints|version)\b/,
    what: "odd values of keys that change nothing here (note in the [table of keys](compose.md))",
    reason: "they are not read",
  },
  {
    error: /validating|cast to expected type|must be a mapping|decoding failed/,
    laidOver: true,
    what: "an odd value in a file whose place a later file takes",
    reason: "what does not count is not judged",
  },
  {
    error: /container_name .* does not match pattern|container name must be unique/,
    what: "`container_name` of one character, or on a service with replicas",
    reason: "it is one more name of the service in the network, which may lead to several",
  },
];

/** Why a problem of ours is meant where compose-go has none; null: it is not. */
export function meantRefusal({ code, message }: Problem): string | null {
  const found = MEANT_REFUSALS.find((one) =>
    one.code === code && (one.message === undefined || one.message.test(message))
  );
  return found === undefined ? null : `${found.what}: ${found.reason}`;
}

/** Why it is meant that we read what compose-go refuses so; null: it is not. */
export function meantAcceptance(error: string, isLaidOver: boolean): string | null {
  const found = MEANT_ACCEPTANCES.find((one) =>
    one.error.test(error) && (one.laidOver === undefined || isLaidOver)
  );
  return found === undefined ? null : `${found.what}: ${found.reason}`;
}
