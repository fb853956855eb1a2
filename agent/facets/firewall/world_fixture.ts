/** A world with firewall sections for tests, said in few words. */
import type { PublishedPort } from "../../../shared/model/service_spec.ts";
import { ProjectName } from "../../../shared/model/service_spec.ts";
import type {
  ContainersSection,
  Deployment,
  FirewallSection,
  NodeSection,
} from "../../../shared/model/sections.ts";
import type { DeploymentId } from "../../../shared/model/ids.ts";
import { NO_MEMORY } from "../../reconcile/intent.ts";
import type { Desired, World } from "../../reconcile/world.ts";
import { deploymentId, projectId, testDeployment, testDesired } from "../../testing/intent.ts";
import type { FirewallSeen } from "./seen.ts";

/** One container. Its deployment's id comes from `project/service` and `release`. */
export interface TestMember {
  readonly project: string;
  readonly service: string;
  readonly address: string;
  /** Keys of networks. */
  readonly networks: readonly string[];
  readonly ports?: readonly PublishedPort[];
  /** Tells an old deployment of the slot from a new one. */
  readonly release?: string;
  readonly slot?: number;
  readonly want?: Deployment["want"];
  /** Do names lead to it? Default: yes where it is wanted. */
  readonly serves?: boolean;
  readonly startedAt?: number;
  /** A job that has run to its end. */
  readonly ended?: true;
}

export interface TestWorld {
  readonly members: readonly TestMember[];
  /** Keys of internal networks. */
  readonly internal?: readonly string[];
  readonly node?: Partial<NodeSection>;
  readonly seen?: Partial<FirewallSeen>;
}

/** The deployment id that a test member gets. */
export function memberId(
  member: Pick<TestMember, "project" | "service" | "release">,
): DeploymentId {
  return deploymentId(`${member.service}/${member.project}/${member.release ?? "1"}`);
}

/** The desired state alone. */
export function testFirewallDesired(spec: TestWorld): Desired {
  const base = testDesired([]);
  const projects = [...new Set(spec.members.map((member) => member.project))].sort();
  const containers: ContainersSection[] = [];
  const firewall: FirewallSection[] = [];
  for (const project of projects) {
    const members = spec.members.filter((member) => member.project === project);
    const header = { project: projectId(project), projectName: ProjectName.parse(project) };
    containers.push({
      capability: "containers",
      ...header,
      deployments: members.map((member) => deploymentOf(member)),
    });
    const networks = [...new Set(members.flatMap((member) => member.networks))].sort();
    firewall.push({
      capability: "firewall",
      ...header,
      networks: networks.map((network) => ({
        network,
        internal: spec.internal?.includes(network) ?? false,
      })),
      members: members.map((member) => ({
        deployment: memberId(member),
        address: member.address,
        networks: [...member.networks],
      })),
      published: members.flatMap((member) =>
        (member.ports ?? []).map((port) => ({
          deployment: memberId(member),
          address: member.address,
          port,
        }))
      ),
    });
  }
  return { ...base, node: { ...base.node, ...spec.node }, containers, firewall };
}

/** A whole world; all but the firewall and the network is empty. */
export function testFirewallWorld(spec: TestWorld): World {
  const desired = testFirewallDesired(spec);
  const serves = spec.members.filter((member) =>
    member.serves ?? (member.want === undefined || member.want === "run")
  );
  const serving = new Map(serves.map((member) => [memberId(member), deploymentOf(member)]));
  return {
    desired,
    seen: {
      network: {
        podmanNetwork: false,
        bridge: false,
        gatewayAssigned: false,
        carrier: false,
        wrongSettings: [],
      },
      volumes: { present: new Set() },
      secrets: { onTmpfs: true, byDeployment: new Map() },
      firewall: { digest: null, listeners: [], ...spec.seen },
      containers: { byDeployment: new Map(), strays: [], images: new Map() },
      names: {
        alive: true,
        digest: null,
        addresses: new Set(),
        withdrawnAt: new Map(),
        bindProblems: [],
      },
      routes: {
        alive: true,
        problem: null,
        digest: null,
        servers: new Set(),
        httpPort: 80,
        httpsPort: 443,
      },
    },
    health: new Map(),
    memory: new Map(spec.members.map((member) => [memberId(member), {
      ...NO_MEMORY,
      firstStartedAt: member.startedAt ?? null,
      jobExit: member.ended === true ? { at: 1, code: 0 } : null,
    }])),
    pulls: new Map(),
    connections: new Map(),
    serving,
    named: serving,
  };
}

function deploymentOf(member: TestMember): Deployment {
  return testDeployment(`${member.service}/${member.project}/${member.release ?? "1"}`, {
    slot: member.slot ?? 1,
    want: member.want ?? "run",
    addresses: [member.address],
  });
}
