/** `ports` and `expose`: short and long forms, ranges written out. */
import { isIPv4, isIPv6 } from "node:net";
import { PORT_LABEL } from "../model/port_label.ts";
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import type { ComposePort } from "./model.ts";
import { type Place, quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";
import type { MapNode, Node } from "./tree.ts";

/** More ports than this in one range are refused. */
const MAX_RANGE = 1024;
const SHORT_REMEDY =
  'write "HOST:CONTAINER", such as "8080:80", "127.0.0.1:8080:80" or "53:53/udp"';

interface Range {
  readonly first: number;
  readonly last: number;
}

function rangeOf(text: string): Range | null {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return null;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first >= 1 && last >= first && last <= 65_535 ? { first, last } : null;
}

type Ports = { readonly ports: ComposePort[] } | {
  readonly fault: string;
  readonly remedy: string;
};

const fault = (text: string, remedy: string = SHORT_REMEDY): Ports => ({ fault: text, remedy });

function hostAddress(text: string): { ip?: string } | string {
  const bare = text.replace(/^\[(.*)\]$/, "$1");
  if (isIPv4(bare)) return { ip: bare };
  if (isIPv6(bare)) return `the IPv6 address ${quoted(bare)} is not carried out yet`;
  return `${quoted(text)} is no address of the host`;
}

/** The ports of one short form, sorted as Compose does: by the container's port as a text. */
export function parsePort(text: string): Ports {
  const slash = text.lastIndexOf("/");
  const protocol = slash === -1 ? "tcp" : text.slice(slash + 1).toLowerCase();
  const rest = slash === -1 ? text : text.slice(0, slash);
  if (protocol !== "tcp" && protocol !== "udp") {
    return fault(`the protocol ${quoted(protocol)} is not carried out`, "write /tcp or /udp");
  }
  const parts = /^(?:(?:(\[[^\]]*\]|[^:]*|.*:.*):)?([^:]*):)?([^:]*)$/.exec(rest);
  const container = rangeOf(parts?.[3] ?? "");
  if (parts === null || container === null) return fault(`${quoted(text)} is no port`);
  const port: Pick<ComposePort, "mode" | "protocol"> = { mode: "ingress", protocol };
  const address = parts[1] ? hostAddress(parts[1]) : {};
  if (typeof address === "string") {
    return fault(address, "write an IPv4 address of the host, or none");
  }
  const host_ip = address.ip === undefined ? {} : { host_ip: address.ip };
  const size = container.last - container.first;
  if (size >= MAX_RANGE) {
    return fault(`${quoted(text)} is a range of ${size + 1} ports`, `write at most ${MAX_RANGE}`);
  }
  const published = parts[2] ? rangeOf(parts[2]) : null;
  if (parts[2] && published === null) return fault(`${quoted(text)} is no port`);
  if (published !== null && published.last - published.first !== size) {
    return fault(
      `${quoted(text)} leads ${published.last - published.first + 1} ports of the host to ${
        size + 1
      }`,
      "write as many on both sides",
    );
  }
  const ports: ComposePort[] = [];
  for (let i = 0; i <= size; i++) {
    ports.push({
      ...port,
      ...host_ip,
      target: container.first + i,
      ...(published === null ? {} : { published: String(published.first + i) }),
    });
  }
  return {
    ports: ports.sort((a, b) => (String(a.target) < String(b.target) ? -1 : 1)),
  };
}

/** A name that DNS cannot carry is kept, and no SRV record tells it. */
function notePortName(reading: Reading, name: string | undefined, at: Place): void {
  if (name === undefined || PORT_LABEL.test(name)) return;
  reading.problems.note(
    at,
    "port-name",
    `no SRV record tells the port ${quoted(name)}: its name cannot be one in DNS`,
    'write letters, digits and "-", at most 62, where programs are to find it by its name',
  );
}

function readLong(reading: Reading, node: MapNode): ComposePort | undefined {
  const { problems, scalars } = reading;
  const before = problems.count();
  const port: ComposePort = { mode: "ingress", target: 0, protocol: "tcp" };
  const take = takeFrom(fieldsOf(node, "services.*.ports[]", problems), problems);
  take("name", scalars.text, (value) => port.name = value);
  notePortName(reading, port.name, node.entries.get("name")?.value.at ?? node.at);
  take("mode", scalars.oneOf(["ingress", "host"]), (value) => port.mode = value);
  take("protocol", scalars.oneOf(["tcp", "udp"]), (value) => port.protocol = value);
  take("target", scalars.port, (value) => port.target = value);
  take("published", (published, label) => {
    if (published.kind === "scalar" && published.value === "") return undefined;
    if (published.kind === "scalar" && /^\d+-\d+$/.test(String(published.value))) {
      problems.report(
        published.at,
        "port",
        `a range of host ports for one container port is not carried out yet: ${
          describeNode(published)
        }`,
        "write one port",
      );
      return undefined;
    }
    return scalars.port(published, label);
  }, (value) => port.published = String(value));
  take("host_ip", (ip, label) => {
    const text = scalars.text(ip, label);
    if (text === undefined) return undefined;
    const address = hostAddress(text);
    if (typeof address !== "string") return address.ip;
    problems.report(ip.at, "port", address, "write an IPv4 address of the host, or none");
    return undefined;
  }, (value) => port.host_ip = value);
  if (!node.entries.has("target")) {
    problems.report(node.at, "missing-key", 'this port has no "target"', "write target: PORT");
  }
  return problems.count() === before ? port : undefined;
}

function portKey({ host_ip = "0.0.0.0", published, target, protocol }: ComposePort): string {
  return `${host_ip}:${published ?? ""}:${target}/${protocol}`;
}

/** The ports of a service; one that is written twice counts once, the last one. */
export function readPorts(reading: Reading, service: string): Read<ComposePort[]> {
  const { problems } = reading;
  return (node, label) => {
    if (node.kind !== "list") {
      problems.report(
        node.at,
        "type",
        `"${label}" is to be a list, this is ${describeNode(node)}`,
        `write a list: - "8080:80"`,
      );
      return undefined;
    }
    const found = new Map<string, { port: ComposePort; at: Place }>();
    for (const item of node.items) {
      for (const port of readItem(reading, item)) found.set(portKey(port), { port, at: item.at });
    }
    for (const { port, at } of found.values()) {
      if (port.published === undefined) continue;
      reading.publications.push({
        at,
        service,
        hostIp: port.host_ip,
        published: port.published,
        protocol: port.protocol,
      });
    }
    return [...found.values()].map((one) => one.port);
  };
}

function readItem(reading: Reading, item: Node): ComposePort[] {
  if (item.kind === "map") {
    const port = readLong(reading, item);
    return port === undefined ? [] : [port];
  }
  const text = item.kind === "scalar" && item.value !== null && typeof item.value !== "boolean"
    ? String(item.value)
    : null;
  const parsed = text === null ? fault(`${describeNode(item)} is no port`) : parsePort(text);
  if ("ports" in parsed) return parsed.ports;
  reading.problems.report(item.at, "port", parsed.fault, parsed.remedy);
  return [];
}

/** `expose`: as written, checked. */
export function readExpose(reading: Reading): Read<string[]> {
  return (node, label) => {
    if (node.kind !== "list") return reading.scalars.texts(node, label);
    const found = new Set<string>();
    for (const item of node.items) {
      const text = item.kind === "scalar" ? String(item.value) : "";
      const match = /^([\d-]+)(?:\/(?:tcp|udp))?$/.exec(text);
      if (match === null || rangeOf(match[1] ?? "") === null) {
        reading.problems.report(
          item.at,
          "port",
          `${describeNode(item)} is no port of a container`,
          'write a port such as "80", "53/udp" or "8000-8010"',
        );
      } else {
        found.add(text);
      }
    }
    return [...found];
  };
}
