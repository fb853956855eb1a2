/** Namespaces, rights and devices in the words of POST /containers/create (see create_body.ts). Pure. */
import type { HostAccess } from "../../../shared/model/service_spec.ts";

/** The fields that say what a container shares with its host. */
export function accessOf(access: HostAccess): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  if (access.privileged === true) body.privileged = true;
  if (access.pid !== undefined) body.pidns = { nsmode: access.pid };
  if (access.ipc !== undefined) body.ipcns = { nsmode: access.ipc };
  if (access.uts !== undefined) body.utsns = { nsmode: access.uts };
  if (access.cgroup !== undefined) body.cgroupns = { nsmode: access.cgroup };
  if (access.cgroupParent !== undefined) body.cgroup_parent = access.cgroupParent;
  if (access.groups !== undefined) body.groups = access.groups;
  if (access.sysctls !== undefined) body.sysctl = access.sysctls;
  if (access.devices !== undefined) {
    body.devices = access.devices.map(({ source, target, permissions }) => ({
      path: source.startsWith("/") ? `${source}:${target}:${permissions}` : source,
    }));
  }
  if (access.deviceRules !== undefined) {
    body.device_cgroup_rule = access.deviceRules.map(deviceRule);
  }
  return { ...body, ...securityOf(access.security ?? []) };
}

/** `c 188:* rwm` as the runtime's specification has it; -1 is every number. */
function deviceRule(rule: string): Record<string, unknown> {
  const [type = "a", numbers = "*:*", access = "rwm"] = rule.split(" ");
  const [major = "*", minor = "*"] = numbers.split(":");
  const number = (text: string) => text === "*" ? -1 : Number(text);
  return { allow: true, type, major: number(major), minor: number(minor), access };
}

function securityOf(options: readonly string[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const labels: string[] = [];
  for (const option of options) {
    const [, name = option, value = ""] = /^([a-z-]+)[:=](.*)$/.exec(option) ?? [];
    switch (name) {
      case "no-new-privileges":
        body.no_new_privileges = value !== "false";
        break;
      case "seccomp":
        body.seccomp_profile_path = value;
        break;
      case "apparmor":
        body.apparmor_profile = value;
        break;
      case "label":
        labels.push(value);
        break;
      case "systempaths":
        body.unmask = ["ALL"];
        break;
    }
  }
  if (labels.length > 0) body.selinux_opts = labels;
  return body;
}
