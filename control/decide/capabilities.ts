/** Rights that undo what keeps containers apart, from each other and from their host. */
import type { Warning } from "../../shared/api/release.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";

/** With these a container may claim the address of another one on the bridge. */
const NETWORK = new Set(["ALL", "NET_ADMIN", "NET_RAW"]);
/** With these it is as root on the host. */
const HOST = new Set([
  "ALL",
  "BPF",
  "DAC_READ_SEARCH",
  "SYS_ADMIN",
  "SYS_MODULE",
  "SYS_PTRACE",
  "SYS_RAWIO",
]);

/** What a person should know who gives a service capabilities; they are given all the same. */
export function capabilityWarnings(service: string, capAdd: readonly string[]): Warning[] {
  const names = capAdd.map((each) => each.toUpperCase().replace(/^CAP_/, ""));
  const network = names.filter((each) => NETWORK.has(each) && !HOST.has(each));
  const host = names.filter((each) => HOST.has(each));
  const warnings: Warning[] = [];
  if (host.length > 0) {
    warnings.push({
      code: "capability_of_host",
      message: `service "${service}" has ${host.join(", ")}: it can become root on the host`,
      remedy: "Leave out of cap_add what it can do without.",
    });
  }
  if (network.length > 0) {
    warnings.push({
      code: "capability_of_network",
      message:
        `service "${service}" has ${network.join(", ")}: it can take over the addresses of ` +
        "containers of other projects",
      remedy: "Leave out of cap_add what it can do without.",
    });
  }
  return warnings;
}

/** What a person should know who lets a service reach its host; it is let all the same. */
export function accessWarnings(service: string, spec: ServiceSpec): Warning[] {
  const { access } = spec;
  const reached = [
    access?.privileged === true ? "privileged: it can do on the host whatever root can" : null,
    spec.hostNetwork === true
      ? "network_mode: host: it can listen on the host's ports and reach what listens there"
      : null,
    [...spec.hooks?.postStart ?? [], ...spec.hooks?.preStop ?? []].some((hook) => hook.privileged)
      ? "a privileged hook: it can do on the host whatever root can"
      : null,
    access?.pid === "host" ? "pid: host: it sees the processes of the host" : null,
    access?.ipc === "host" ? "ipc: host: it shares memory with the processes of the host" : null,
    access?.uts === "host" ? "uts: host: it bears the name of the host" : null,
    access?.cgroup === "host" ? "cgroup: host: it sees the control groups of the host" : null,
  ].filter((each) => each !== null);
  if (reached.length === 0) return [];
  return [{
    code: "reaches_host",
    message: `service "${service}" reaches the host (${reached.join("; ")})`,
    remedy: "Leave out what it can do without.",
  }];
}
