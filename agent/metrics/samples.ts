/** What the agent tells Prometheus. Pure. */
import type { FamilyName, Sample } from "../../shared/metrics/families.ts";
import type { DiskReport } from "../../shared/model/disk.ts";
import type { Flows } from "../loops/sampler/parse.ts";
import { totalOf } from "../loops/sampler/rates.ts";
import type { Pass } from "../loops/sampler/sampler.ts";
import type { Counts } from "./counts.ts";

export interface AgentFacts {
  /** The node's name. */
  readonly node: string;
  readonly pass: Pass;
  readonly disk: DiskReport | null;
  readonly storeBytes: number;
  readonly dns: {
    readonly counters: {
      readonly queries: number;
      readonly forwarded: number;
      readonly refused: number;
      readonly cacheEntries: number;
    } | null;
    readonly restarts: number;
  };
  readonly counts: ReturnType<Counts["all"]>;
}

type Figure = readonly [FamilyName, number | null];

function known(labels: Readonly<Record<string, string>>, figures: readonly Figure[]): Sample[] {
  return figures.flatMap(([name, value]) => value === null ? [] : [{ name, labels, value }]);
}

function byDevice(
  node: string,
  flows: Flows | null,
  [into, out]: readonly [FamilyName, FamilyName],
): Sample[] {
  return [...flows ?? []].flatMap(([device, flow]) => {
    const labels = { node, device };
    return [{ name: into, labels, value: flow.in }, { name: out, labels, value: flow.out }];
  });
}

function containerSamples({ latest, looks }: Pass): Sample[] {
  return latest.containers.flatMap(({ projectName, service, slot, bounds }, index) => {
    const look = looks[index];
    const labels = { project: projectName, service, slot: String(slot) };
    return look === undefined ? [] : known(labels, [
      ["skerry_container_cpu_seconds_total", look.cpuSeconds],
      ["skerry_container_cpu_limit_cores", bounds.cpu],
      ["skerry_container_memory_working_set_bytes", look.memoryBytes],
      ["skerry_container_memory_limit_bytes", bounds.memory],
      ["skerry_container_network_receive_bytes_total", totalOf(look.network, "in")],
      ["skerry_container_network_transmit_bytes_total", totalOf(look.network, "out")],
      ["skerry_container_disk_read_bytes_total", totalOf(look.disk, "in")],
      ["skerry_container_disk_written_bytes_total", totalOf(look.disk, "out")],
    ]);
  });
}

export function agentSamples(facts: AgentFacts): readonly Sample[] {
  const { node, pass, disk, dns } = facts;
  const { host, latest } = pass;
  return [
    ...containerSamples(pass),
    ...known({ node }, [
      ["skerry_node_cpu_seconds_total", host.cpuSeconds],
      ["skerry_node_cpu_cores", host.cores],
      ["skerry_node_memory_used_bytes", host.memoryBytes],
      ["skerry_node_memory_total_bytes", host.memoryTotalBytes],
      ["skerry_node_filesystem_size_bytes", latest.node.bounds.disk_used],
      ["skerry_node_filesystem_free_bytes", disk?.freeBytes ?? null],
      ["skerry_metrics_store_bytes", facts.storeBytes],
      ["skerry_dns_queries_total", dns.counters?.queries ?? null],
      ["skerry_dns_forwarded_total", dns.counters?.forwarded ?? null],
      ["skerry_dns_refused_total", dns.counters?.refused ?? null],
      ["skerry_dns_cache_entries", dns.counters?.cacheEntries ?? null],
      ["skerry_dns_worker_restarts_total", dns.restarts],
    ]),
    ...byDevice(node, host.network, [
      "skerry_node_network_receive_bytes_total",
      "skerry_node_network_transmit_bytes_total",
    ]),
    ...byDevice(node, host.disk, [
      "skerry_node_disk_read_bytes_total",
      "skerry_node_disk_written_bytes_total",
    ]),
    ...Object.entries(disk?.kept ?? {}).map(([kind, value]): Sample => ({
      name: "skerry_disk_kept_bytes",
      labels: { node, kind },
      value,
    })),
    ...facts.counts.map(({ name, labels, value }): Sample => ({
      name,
      labels: { node, ...labels },
      value,
    })),
  ];
}
