/** The facets of a home over their real drivers. */
import { join } from "node:path";
import type { Clock } from "../shared/clock.ts";
import type { RunCommand } from "../shared/command.ts";
import { messageOf, SkerryError } from "../shared/errors.ts";
import type { Log } from "../shared/log.ts";
import type { DeploymentId } from "../shared/model/ids.ts";
import type { FirstNames } from "./names_first.ts";
import type { AgentSettings } from "./settings.ts";
import { homeCertificates, ownNames } from "../shared/certificates/home_certificates.ts";
import { createBridge } from "./drivers/bridge/bridge.ts";
import { createKernelSettings } from "./drivers/bridge/kernel_settings.ts";
import { createEngine } from "./drivers/engine/create_engine.ts";
import { createNftables } from "./drivers/nftables/nftables.ts";
import type { Podman } from "./drivers/podman/driver.ts";
import { createTraefik } from "./drivers/traefik/traefik.ts";
import { type ContainersDeps, createContainersFacet } from "./facets/containers/facet.ts";
import { createMountedFiles } from "./facets/containers/files.ts";
import { stopAtMachineEnd } from "./facets/containers/machine_end.ts";
import { createFirewallFacet } from "./facets/firewall/facet.ts";
import { createReadListeners } from "./facets/firewall/listeners.ts";
import { createNamesFacet } from "./facets/names/facet.ts";
import { createNetworkFacet } from "./facets/network/facet.ts";
import { createRoutesFacet } from "./facets/routes/facet.ts";
import { createSecretsFacet, openSecret, secretPath } from "./facets/secrets/facet.ts";
import { createVolumesFacet } from "./facets/volumes/facet.ts";
import { createHomeHostNames } from "./home_host_names.ts";
import type { HostNames } from "./loops/host_names/loop.ts";
import { parseResolvConf } from "./loops/dns/resolv_conf.ts";
import { bindFacet, type BoundFacets } from "./reconcile/action.ts";
import type { World } from "./reconcile/world.ts";
import type { BlobStore } from "./sync/blob_store.ts";

export interface HomeFacetsDeps {
  readonly settings: AgentSettings;
  readonly podman: Podman;
  readonly names: FirstNames;
  readonly blobs: BlobStore;
  unseal(sealed: string): Uint8Array;
  readonly attended: ContainersDeps["attended"];
  flushLogs(deployment: DeploymentId): Promise<void>;
  /** Address of the containers' bridge; null: not known yet. */
  gateway(): string | null;
  readonly run: RunCommand;
  /** What the host's own names say is another thing now. */
  onChange(): void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HomeFacets {
  readonly facets: BoundFacets;
  /** Of the host's own programs; it runs on its own. */
  readonly hostNames: HostNames;
  /** Stops every container that was seen alive, as the machine's end asks for. */
  stopAll(world: World, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const RESOLV_CONF = "/etc/resolv.conf";
const DNS_PORT = 53;
/** Nobody but root comes in: runtimes open the files as root, also for a container of another user. */
const SECRETS_TMPFS_OPTIONS = "size=64m,mode=0700,nosuid,nodev,noexec";

export async function createHomeFacets(deps: HomeFacetsDeps): Promise<HomeFacets> {
  const { settings, podman, clock, log, run } = deps;
  const { layout } = settings;
  const filesFolder = join(layout.agentDir, "files");
  await Deno.mkdir(filesFolder, { recursive: true, mode: 0o700 });
  const traefik = createTraefik({
    dir: layout.traefikDir,
    address: "0.0.0.0",
    httpPort: settings.httpPort,
    httpsPort: settings.httpsPort,
    clock,
  });
  let resolvConf = "";
  /** As it is now: a box moves between networks. What cannot be read is as it was. */
  const currentResolvConf = () => {
    try {
      resolvConf = Deno.readTextFileSync(RESOLV_CONF);
    } catch (thrown) {
      log.debug("resolv.conf cannot be read", { reason: messageOf(thrown) });
    }
    return resolvConf;
  };

  const certificates = homeCertificates(layout);
  const containers = createContainersFacet({
    podman,
    podmanNetwork: layout.podmanNetwork,
    log: deps.log,
    monotonic: () => clock.monotonic(),
    files: createMountedFiles({ folder: filesFolder, blobPath: (name) => deps.blobs.path(name) }),
    secretSource: (deployment, index) => secretPath(layout.secretsDir, deployment, index),
    attended: deps.attended,
    flushLogs: (deployment) => deps.flushLogs(deployment),
    unseal: deps.unseal,
    secretValue: (world, version) =>
      new TextDecoder().decode(openSecret(world.desired, version, deps.unseal)),
  });
  const facets: BoundFacets = {
    network: bindFacet(createNetworkFacet({
      podman,
      bridge: createBridge({ run, settings: createKernelSettings() }),
      home: layout,
    })),
    volumes: bindFacet(createVolumesFacet({ podman })),
    secrets: bindFacet(createSecretsFacet({
      folder: layout.secretsDir,
      unseal: deps.unseal,
      mountTmpfs: (folder) => mountTmpfs(run, folder),
    })),
    firewall: bindFacet(createFirewallFacet({
      nftables: createNftables({ run }),
      readListeners: createReadListeners(),
      home: layout,
      ingress: settings,
    })),
    containers: bindFacet(containers),
    names: bindFacet(createNamesFacet({
      ...deps.names,
      get listen() {
        const gateway = deps.gateway();
        const host = { hostname: "127.0.0.1", port: settings.dnsPort };
        return gateway === null ? [host] : [host, { hostname: gateway, port: DNS_PORT }];
      },
      get upstreams() {
        return parseResolvConf(currentResolvConf(), [deps.gateway() ?? ""]);
      },
    })),
    routes: bindFacet(createRoutesFacet({
      traefik,
      engine: createEngine({ stateFile: traefik.files.stateFile, log }),
      certificates: certificates.ingress,
      uploaded: certificates.uploaded,
      ownNames: () => [settings.name, ...ownNames()],
      clock,
      log,
    })),
  };
  const hostNames = createHomeHostNames(deps);
  return {
    facets,
    hostNames,
    stopAll: (world, signal) =>
      stopAtMachineEnd(world, (step) => containers.execute(step, world, signal), clock, log),
    async close() {
      await hostNames.close();
      await deps.names.loop.close();
    },
  };
}

async function mountTmpfs(run: RunCommand, folder: string): Promise<void> {
  const argv = ["mount", "-t", "tmpfs", "-o", SECRETS_TMPFS_OPTIONS, "skerry-secrets", folder];
  const { code, stderr } = await run(argv);
  if (code === 0) return;
  throw new SkerryError(
    "secrets_tmpfs",
    `cannot mount a tmpfs for secrets on "${folder}": ${stderr.trim().slice(0, 300)}`,
    "run the agent as root, with the right to mount",
  );
}
