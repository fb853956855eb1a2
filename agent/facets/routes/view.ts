/** The part of a world that routes are made of. */
import type { DeploymentId } from "../../../shared/model/ids.ts";
import type {
  ContainersSection,
  Deployment,
  RoutesSection,
} from "../../../shared/model/sections.ts";
import type { ServiceSpec } from "../../../shared/model/service_spec.ts";
import type { ContainerSeen } from "../../drivers/podman/driver.ts";
import type { DeploymentMemory, HealthSeen } from "../../reconcile/world.ts";
import type { RoutesSeen } from "./seen.ts";

export type RoutedDeployment =
  & Pick<Deployment, "id" | "service" | "addresses" | "want" | "replaces">
  & { readonly spec: Pick<ServiceSpec, "health" | "routed" | "hostNetwork"> };

export interface RoutesDesired {
  readonly routes: readonly RoutesSection[];
  readonly containers: readonly (Pick<ContainersSection, "project"> & {
    readonly deployments: readonly RoutedDeployment[];
  })[];
}

export interface RoutesWorld {
  readonly desired: RoutesDesired;
  readonly seen: {
    readonly routes: RoutesSeen;
    readonly containers: {
      readonly byDeployment: ReadonlyMap<DeploymentId, Pick<ContainerSeen, "state">>;
    };
  };
  readonly health: ReadonlyMap<DeploymentId, Pick<HealthSeen, "health">>;
  readonly memory: ReadonlyMap<DeploymentId, Pick<DeploymentMemory, "wasHealthy">>;
  readonly serving: ReadonlyMap<DeploymentId, RoutedDeployment>;
}
