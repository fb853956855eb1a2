import type { DeploymentId } from "../../../shared/model/ids.ts";
import type { KernelLimits } from "../../../shared/model/limits.ts";
import type { Strain } from "../../drivers/podman/strain.ts";
import type { ContainerSeen, ImageSeen } from "../../drivers/podman/driver.ts";

/** Of one life of a container. */
export interface KernelSeen extends Strain {
  readonly limits: KernelLimits;
}

/** The containers of this home as they are, and the images at hand. */
export interface ContainersSeen {
  /** By deployment; where a deployment has several (it should not), the extra ones are in `strays`. */
  readonly byDeployment: ReadonlyMap<DeploymentId, ContainerSeen>;
  /** Ours by name or label, yet of no deployment that can be read from them. */
  readonly strays: readonly ContainerSeen[];
  /** They run, and the commands that follow their start are not done yet; absent: none. */
  readonly awaitingHooks?: ReadonlySet<DeploymentId>;
  /** What the kernel says of those that run; absent: nothing. */
  readonly kernel?: ReadonlyMap<DeploymentId, KernelSeen>;
  /** They run in a namespace that their host, which was started anew, no longer has; absent: none. */
  readonly apart?: ReadonlySet<DeploymentId>;
  /** What is here of the images that are wanted, by `imageKey` (reconcile/image_key.ts). */
  readonly images: ReadonlyMap<string, ImageSeen>;
}
