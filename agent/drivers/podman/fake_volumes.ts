/** The fake's volumes: as `volumes.ts` promises. */
import type { Podman } from "./driver.ts";
import { podmanError } from "./errors.ts";

type VolumeCalls = Pick<Podman, "listVolumes" | "createVolume" | "removeVolume">;

export interface FakeVolumeDeps {
  /** Their labels, by name. */
  readonly volumes: Map<string, Record<string, string>>;
  readonly pass: (call: keyof VolumeCalls, signal?: AbortSignal) => Promise<void>;
  /** Names of the containers that mount a volume. */
  readonly usersOf: (name: string) => readonly string[];
}

export function createFakeVolumes({ volumes, pass, usersOf }: FakeVolumeDeps): VolumeCalls {
  return {
    async listVolumes(signal) {
      await pass("listVolumes", signal);
      return [...volumes].map(([name, labels]) => ({ name, labels: { ...labels } }))
        .sort((a, b) => a.name < b.name ? -1 : 1);
    },
    async createVolume(name, { labels }, signal) {
      await pass("createVolume", signal);
      if (!volumes.has(name)) volumes.set(name, { ...labels });
    },
    async removeVolume(name, signal) {
      await pass("removeVolume", signal);
      const users = usersOf(name);
      if (users.length > 0) {
        throw podmanError("volume_in_use", `removing the volume "${name}"`, users.join(", "));
      }
      volumes.delete(name);
    },
  };
}
