/** What an agent is told when it starts. */
import type { HomeLayout } from "../shared/home.ts";
import type { DiskLimits } from "../shared/model/disk.ts";

export interface AgentSettings {
  readonly layout: HomeLayout;
  readonly name: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** On 127.0.0.1, for the host itself. */
  readonly dnsPort: number;
  readonly version: string;
  /** Without any change a report is sent after this. */
  readonly heartbeatMs: number;
  /** The longest pause before the control plane is tried again. */
  readonly retryCapMs: number;
  readonly insecureRegistries: readonly string[];
  readonly disk: DiskLimits;
  /** An image that a person fetched or loaded, and that nothing needs, stays so long. */
  readonly imageKeepMs: number;
  /** All that is kept of metrics. */
  readonly metricsBudgetBytes: number;
}
