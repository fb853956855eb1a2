/** What a service shares with its host, and the rights and devices that it is given. */
import { isIP } from "node:net";
import { fieldsOf, type Read, type Take, takeFrom } from "./fields.ts";
import type { ComposeDevice, ComposeService } from "./model.ts";
import { containerPath } from "./paths.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { type Gathering, sharedOf } from "./shared_namespaces.ts";
import { describeNode, looseText } from "./scalars.ts";
import type { Node } from "./tree.ts";

/** One or several texts, each of a form. */
function listOf(
  reading: Reading,
  pattern: RegExp,
  remedy: string,
): Read<string[]> {
  return (node, label) => {
    const items = node.kind === "list" ? node.items : [node];
    const found: string[] = [];
    for (const item of items) {
      const text = item.kind === "scalar" ? looseText(item) : null;
      if (text !== null && pattern.test(text)) {
        if (!found.includes(text)) found.push(text);
        continue;
      }
      reading.problems.report(
        item.at,
        "value",
        `${describeNode(item)} cannot be "${label}"`,
        remedy,
      );
    }
    return found;
  };
}

const PERMISSIONS = /^[rwm]{1,3}$/;
/** A device of a vendor's own naming (CDI), such as `nvidia.com/gpu=all`. */
const CDI = /^[a-z0-9.-]+\/[A-Za-z0-9_.-]+=[A-Za-z0-9_.:-]+$/;

function readDevice(reading: Reading, node: Node): ComposeDevice | undefined {
  const { problems, scalars } = reading;
  const remedy = 'write "/dev/ttyUSB0", "/dev/ttyUSB0:/dev/modem" or "/dev/ttyUSB0:/dev/modem:rw"';
  const wrong = (what: string): undefined => {
    problems.report(node.at, "device", `${what} is no device`, remedy);
    return undefined;
  };
  const made = (source: string, target: string, permissions: string) => {
    if (CDI.test(source)) return { source, target: source, permissions };
    const usable = containerPath(source) !== null && containerPath(target) !== null &&
      PERMISSIONS.test(permissions);
    return usable
      ? { source, target, permissions }
      : wrong(quoted(`${source}:${target}:${permissions}`));
  };
  if (node.kind === "map") {
    const take = takeFrom(fieldsOf(node, "services.*.devices[]", problems), problems);
    const source = take("source", scalars.text);
    const target = take("target", scalars.text);
    const permissions = take("permissions", scalars.text);
    if (source === undefined) return wrong("one without source");
    return made(source, target ?? source, permissions ?? "rwm");
  }
  if (node.kind !== "scalar" || typeof node.value !== "string") return wrong(describeNode(node));
  if (CDI.test(node.value)) return made(node.value, node.value, "rwm");
  const [source = "", second, third, ...more] = node.value.split(":");
  if (more.length > 0) return wrong(quoted(node.value));
  if (third !== undefined) return made(source, second ?? "", third);
  if (second !== undefined && PERMISSIONS.test(second)) return made(source, source, second);
  return made(source, second ?? source, "rwm");
}

const DNS_REMEDY = "write addresses of servers such as 9.9.9.9";
const SECURITY =
  /^(no-new-privileges([:=](true|false))?|seccomp[:=]unconfined|apparmor[:=][A-Za-z0-9_.-]+|label[:=](disable|(user|role|type|level):[A-Za-z0-9_:.,-]+)|systempaths[:=]unconfined)$/;

/** Puts namespaces, rights, devices, groups and kernel settings into the service. */
export function readAccess(
  reading: Reading,
  take: Take,
  name: string,
  service: ComposeService,
  gathered: Gathering,
): void {
  const { scalars, problems } = reading;
  take("privileged", scalars.boolean, (value) => {
    if (value) service.privileged = true;
  });
  const namespace = (key: "pid" | "ipc", form: RegExp, remedy: string) =>
    take(key, (node, label) => {
      const text = scalars.text(node, label);
      const shared = text === undefined ? null : sharedOf(text);
      if (shared === null) return scalars.matching(form, remedy)(node, label);
      gathered.shares.push({ ...shared, service: name, key, at: node.at });
      return text;
    }, (value) => service[key] = value);
  namespace("pid", /^host$/, "write host or service:NAME, or leave it out");
  namespace(
    "ipc",
    /^(host|shareable|private|none)$/,
    "write host, shareable, private, none or service:NAME",
  );
  take(
    "uts",
    scalars.matching(/^host$/, "write host, or leave it out"),
    (value) => service.uts = value,
  );
  take(
    "userns_mode",
    scalars.matching(/^host$/, "write host, which is also how it is without"),
    (value) => service.userns_mode = value,
  );
  take("cgroup", scalars.oneOf(["host", "private"]), (value) => service.cgroup = value);
  take(
    "security_opt",
    listOf(
      reading,
      SECURITY,
      "write no-new-privileges:true, seccomp:unconfined, apparmor:PROFILE, label:disable or " +
        "systempaths:unconfined",
    ),
    (value) => service.security_opt = value,
  );
  take(
    "group_add",
    listOf(reading, /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/, "write names or numbers of groups"),
    (value) => service.group_add = value,
  );
  take(
    "device_cgroup_rules",
    listOf(
      reading,
      /^[abc] (\d+|\*):(\d+|\*) [rwm]{1,3}$/,
      'write rules such as "c 188:* rwm"',
    ),
    (value) => service.device_cgroup_rules = value,
  );
  take("devices", (node, label) => {
    if (node.kind !== "list") {
      problems.report(node.at, "type", `"${label}" is to be a list`, "write - /dev/ttyUSB0");
      return undefined;
    }
    // A later file's device takes the place of the one that lies where it does.
    const devices = new Map<string, ComposeDevice>();
    for (const item of node.items) {
      const device = readDevice(reading, item);
      if (device !== undefined) devices.set(device.target, device);
    }
    return [...devices.values()];
  }, (value) => {
    if (value.length > 0) service.devices = value;
  });
  take("tty", scalars.boolean, (value) => {
    if (value) service.tty = true;
  });
  take("stdin_open", scalars.boolean, (value) => {
    if (value) service.stdin_open = true;
  });
  take("dns", (node, label) => {
    const servers = listOf(reading, /^[0-9a-fA-F.:]+$/, DNS_REMEDY)(node, label);
    return servers?.filter((server) => {
      if (isIP(server) !== 0) return true;
      problems.report(node.at, "value", `${quoted(server)} cannot be "${label}"`, DNS_REMEDY);
      return false;
    });
  }, (value) => {
    if (value.length > 0) service.dns = value;
  });
  take(
    "dns_search",
    listOf(reading, /^(\.|[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}))$/, "write domains"),
    (value) => service.dns_search = value,
  );
  take(
    "dns_opt",
    listOf(reading, /^[a-z0-9-]+(:\d+)?$/, "write options of resolv.conf such as use-vc"),
    (value) => service.dns_opt = value,
  );
}
