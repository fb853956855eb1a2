/**
 * Every metric of `/metrics`, once: its text in Prometheus' format, the samples that make it, and
 * the table in the documentation (scripts/check/metrics_table.ts) come from this.
 */

export interface Family {
  readonly type: "counter" | "gauge";
  readonly help: string;
  /** Names of its labels, in the order of the text. */
  readonly labels: readonly string[];
  /** Who tells it: `process` both, each of itself. */
  readonly of: "process" | "control" | "agent";
}

const SLOT = ["project", "service", "slot"] as const;

export const FAMILIES = {
  skerry_build_info: {
    type: "gauge",
    help: "Always 1; its label is the version that runs.",
    labels: ["version"],
    of: "process",
  },
  process_cpu_seconds_total: {
    type: "counter",
    help: "Processor time of Skerry's own process, in seconds.",
    labels: [],
    of: "process",
  },
  process_resident_memory_bytes: {
    type: "gauge",
    help: "Resident memory of Skerry's own process, in bytes.",
    labels: [],
    of: "process",
  },
  process_virtual_memory_bytes: {
    type: "gauge",
    help: "Virtual memory of Skerry's own process, in bytes.",
    labels: [],
    of: "process",
  },
  process_open_fds: {
    type: "gauge",
    help: "Files and sockets that Skerry's own process has open.",
    labels: [],
    of: "process",
  },
  process_start_time_seconds: {
    type: "gauge",
    help: "When Skerry's own process started, in seconds since 1970.",
    labels: [],
    of: "process",
  },
  skerry_http_requests_total: {
    type: "counter",
    help:
      "Requests that the control plane answered, by operation (other: no operation) and status.",
    labels: ["operation", "code"],
    of: "control",
  },
  skerry_node_online: {
    type: "gauge",
    help: "1: the node has reported lately.",
    labels: ["node"],
    of: "control",
  },
  skerry_node_last_report_timestamp_seconds: {
    type: "gauge",
    help: "When the node's last report came, in seconds since 1970.",
    labels: ["node"],
    of: "control",
  },
  skerry_project_release_state: {
    type: "gauge",
    help: "1 for the state that the project's newest release is in.",
    labels: ["project", "state"],
    of: "control",
  },
  skerry_service_slots_wanted: {
    type: "gauge",
    help: "Containers that the service is to have.",
    labels: ["project", "service"],
    of: "control",
  },
  skerry_service_slots_running: {
    type: "gauge",
    help: "Containers of the service that run.",
    labels: ["project", "service"],
    of: "control",
  },
  skerry_service_healthy: {
    type: "gauge",
    help: "1: every slot of the service is healthy.",
    labels: ["project", "service"],
    of: "control",
  },
  skerry_container_restarts_total: {
    type: "counter",
    help: "Times that the agent started the slot's container again; a new release begins at 0.",
    labels: SLOT,
    of: "control",
  },
  skerry_container_cpu_seconds_total: {
    type: "counter",
    help: "Processor time of the slot's container, in seconds.",
    labels: SLOT,
    of: "agent",
  },
  skerry_container_cpu_limit_cores: {
    type: "gauge",
    help: "Processors that the kernel lets the container have; absent: all.",
    labels: SLOT,
    of: "agent",
  },
  skerry_container_memory_working_set_bytes: {
    type: "gauge",
    help: "Memory of the slot's container without cached files that could go at once, in bytes.",
    labels: SLOT,
    of: "agent",
  },
  skerry_container_memory_limit_bytes: {
    type: "gauge",
    help: "Memory that the kernel lets the container have, in bytes; absent: all.",
    labels: SLOT,
    of: "agent",
  },
  skerry_container_network_receive_bytes_total: {
    type: "counter",
    help: "Bytes that the slot's container has received.",
    labels: SLOT,
    of: "agent",
  },
  skerry_container_network_transmit_bytes_total: {
    type: "counter",
    help: "Bytes that the slot's container has sent.",
    labels: SLOT,
    of: "agent",
  },
  skerry_container_disk_read_bytes_total: {
    type: "counter",
    help: "Bytes that the slot's container has read from disks.",
    labels: SLOT,
    of: "agent",
  },
  skerry_container_disk_written_bytes_total: {
    type: "counter",
    help: "Bytes that the slot's container has written to disks.",
    labels: SLOT,
    of: "agent",
  },
  skerry_node_cpu_seconds_total: {
    type: "counter",
    help: "Time that the node's processors have worked, in seconds.",
    labels: ["node"],
    of: "agent",
  },
  skerry_node_cpu_cores: {
    type: "gauge",
    help: "Processors of the node.",
    labels: ["node"],
    of: "agent",
  },
  skerry_node_memory_used_bytes: {
    type: "gauge",
    help: "Memory of the node that is in use and cannot go at once, in bytes.",
    labels: ["node"],
    of: "agent",
  },
  skerry_node_memory_total_bytes: {
    type: "gauge",
    help: "Memory of the node, in bytes.",
    labels: ["node"],
    of: "agent",
  },
  skerry_node_network_receive_bytes_total: {
    type: "counter",
    help: "Bytes that the node's network interface has received.",
    labels: ["node", "device"],
    of: "agent",
  },
  skerry_node_network_transmit_bytes_total: {
    type: "counter",
    help: "Bytes that the node's network interface has sent.",
    labels: ["node", "device"],
    of: "agent",
  },
  skerry_node_disk_read_bytes_total: {
    type: "counter",
    help: "Bytes that were read from the node's disk.",
    labels: ["node", "device"],
    of: "agent",
  },
  skerry_node_disk_written_bytes_total: {
    type: "counter",
    help: "Bytes that were written to the node's disk.",
    labels: ["node", "device"],
    of: "agent",
  },
  skerry_node_filesystem_size_bytes: {
    type: "gauge",
    help: "Size of the file system that Skerry's home lies on, in bytes.",
    labels: ["node"],
    of: "agent",
  },
  skerry_node_filesystem_free_bytes: {
    type: "gauge",
    help: "What is free on the file system that Skerry's home lies on, in bytes.",
    labels: ["node"],
    of: "agent",
  },
  skerry_disk_kept_bytes: {
    type: "gauge",
    help: "What Skerry keeps on the disk, by kind, in bytes; it is summed up every ten minutes.",
    labels: ["node", "kind"],
    of: "agent",
  },
  skerry_metrics_store_bytes: {
    type: "gauge",
    help: "What the metrics that are kept on the box take, in bytes.",
    labels: ["node"],
    of: "agent",
  },
  skerry_dns_queries_total: {
    type: "counter",
    help: "Questions that the DNS server was asked.",
    labels: ["node"],
    of: "agent",
  },
  skerry_dns_forwarded_total: {
    type: "counter",
    help: "Questions that were passed on to the host's own name servers.",
    labels: ["node"],
    of: "agent",
  },
  skerry_dns_refused_total: {
    type: "counter",
    help: "Questions that were refused, there being too many at once.",
    labels: ["node"],
    of: "agent",
  },
  skerry_dns_cache_entries: {
    type: "gauge",
    help: "Answers that the DNS server has at hand.",
    labels: ["node"],
    of: "agent",
  },
  skerry_dns_worker_restarts_total: {
    type: "counter",
    help: "Times that the DNS server was started again.",
    labels: ["node"],
    of: "agent",
  },
  skerry_health_checks_total: {
    type: "counter",
    help: "Health checks of containers, by result.",
    labels: ["node", "result"],
    of: "agent",
  },
  skerry_reconcile_turns_total: {
    type: "counter",
    help: "Turns of the agent's loop, by what it was left in: idle or processing.",
    labels: ["node", "state"],
    of: "agent",
  },
  skerry_reconcile_failures_total: {
    type: "counter",
    help: "Steps of the agent's loop that failed; they are tried again.",
    labels: ["node"],
    of: "agent",
  },
  skerry_agent_requests_total: {
    type: "counter",
    help: "Requests of the agent to its control plane, by operation and status (0: no answer).",
    labels: ["node", "operation", "code"],
    of: "agent",
  },
  skerry_certificate_expiry_timestamp_seconds: {
    type: "gauge",
    help: "When a certificate that Skerry shows runs out, in seconds since 1970.",
    labels: ["certificate"],
    of: "control",
  },
} as const satisfies Readonly<Record<string, Family>>;

export type FamilyName = keyof typeof FAMILIES;

export interface Sample {
  readonly name: FamilyName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
