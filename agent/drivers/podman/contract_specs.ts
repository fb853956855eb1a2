/** Specs for the contract cases: a shell that waits, unless told otherwise. */
import { PinId } from "../../../shared/model/ids.ts";
import { ServiceSpec } from "../../../shared/model/service_spec.ts";
import type { ContainerCreate } from "./driver.ts";

/** The plainest spec: one command, no limits, stop by SIGTERM. */
export function plainSpec(command: readonly string[], reference = "localhost/x:1"): ServiceSpec {
  return ServiceSpec.parse({
    schema: 1,
    image: { reference, pin: PinId.parse(`pin_${"a".repeat(26)}`) },
    command: [...command],
    environment: { names: [], mac: "" },
    labels: {},
    mounts: [],
    secrets: [],
    envSecrets: [],
    ports: [],
    expose: [],
    networks: [],
    extraHosts: [],
    resources: {},
    ulimits: [],
    capAdd: [],
    capDrop: [],
    readOnly: false,
    init: false,
    stopGraceMs: 1000,
    restart: { kind: "no" },
    health: { kind: "none", probePort: null },
    deadlineMs: 300_000,
    drainMs: 10_000,
    routed: [],
    dependsOn: [],
  });
}

/** A container on the setup's network; it waits and ends at SIGTERM. */
export function createFor(
  setup: {
    readonly imageId: string;
    readonly imageReference: string;
    readonly network: { readonly name: string; readonly gateway: string };
    readonly namePrefix: string;
    address(n: number): string;
  },
  name: string,
  n: number,
  command: readonly string[] = ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"],
): ContainerCreate {
  return {
    name: `${setup.namePrefix}-${name}`,
    imageId: setup.imageId,
    labels: { "skerry.deployment.id": `dep-${name}`, "skerry.spec.hash": `hash-${name}` },
    env: { A: "1" },
    network: {
      name: setup.network.name,
      address: setup.address(n),
      dnsServer: setup.network.gateway,
      dnsSearch: ["test.internal"],
    },
    mounts: [],
    spec: plainSpec(command, setup.imageReference),
  };
}
