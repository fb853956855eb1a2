/** What the fake's kernel says of containers: what was asked for, unless a test says otherwise. */
import type { KernelLimits } from "../../../shared/model/limits.ts";
import { ulimitName } from "../../../shared/model/limits.ts";
import type { Podman } from "./driver.ts";
import type { FakeContainer } from "./fake_state.ts";
import type { PodmanCall } from "./fake_switches.ts";
import type { Strain } from "./strain.ts";

export type FakeKernelOver = Partial<KernelLimits & Strain>;

export function createFakeKernel(
  need: (id: string, doing: string) => FakeContainer,
  pass: (call: PodmanCall, signal?: AbortSignal) => Promise<void>,
): {
  readonly calls: Pick<Podman, "appliedLimits" | "kernelLimits" | "strain">;
  set(containerName: string, over: FakeKernelOver): void;
} {
  const overs = new Map<string, FakeKernelOver>();
  const limits = (container: FakeContainer) => {
    const { memoryBytes = null, cpus = null, pids = null } = container.create.spec.resources;
    return { memoryBytes, cpus, pids };
  };
  return {
    set: (name, over) => void overs.set(name, { ...overs.get(name), ...over }),
    calls: {
      async appliedLimits(id, signal) {
        await pass("appliedLimits", signal);
        return limits(need(id, "reading a container's limits"));
      },
      async kernelLimits({ id }) {
        await pass("kernelLimits");
        const container = need(id, "reading what the kernel holds a container to");
        if (container.state !== "running") return null;
        const { refusedProcesses: _, memoryKills: __, ...over } =
          overs.get(container.create.name) ?? {};
        const ulimits = container.create.spec.ulimits
          .map((each) => ({ ...each, name: ulimitName(each.name) }));
        return { ...limits(container), ulimits, ...over };
      },
      async strain({ id }) {
        await pass("strain");
        const container = need(id, "reading how a container fares");
        if (container.state !== "running") return null;
        const { refusedProcesses = 0, memoryKills = 0 } = overs.get(container.create.name) ?? {};
        return { refusedProcesses, memoryKills };
      },
    },
  };
}
