/**
 * Where one Skerry keeps things on a host. All that it makes lies under its home folder, or bears
 * a name derived from it, so that several run on one machine without meeting.
 */
import { createHash } from "node:crypto";

/** The home of a box that is not told otherwise. */
export const DEFAULT_HOME = "/var/lib/skerry";

export interface HomeLayout {
  /** The folder itself, absolute. */
  readonly home: string;
  /** Six characters that tell this home's names on the host from another's; `main` is the default home's. */
  readonly tag: string;
  /** Gone at boot, short enough for socket paths (108 bytes): sockets, pids, Podman's runroot. */
  readonly runDir: string;
  readonly controlSocket: string;
  readonly controlDatabase: string;
  /** Files named by their SHA-256, of the control plane. */
  readonly controlBlobs: string;
  /** Master key and signing key of the control plane, 0600. */
  readonly controlKeys: string;
  readonly agentDir: string;
  readonly agentBlobs: string;
  readonly agentKeys: string;
  readonly lastGood: string;
  /** The private authority, and what it signed for the page and for the ingress. */
  readonly certificatesDir: string;
  readonly logsDir: string;
  /** What happened on this node. */
  readonly eventsDir: string;
  /** When this boot began, for durations that outlive a process. */
  readonly clockFile: string;
  readonly podmanDir: string;
  readonly podmanSocket: string;
  readonly traefikDir: string;
  /** A tmpfs: decrypted secrets, one folder a deployment. */
  readonly secretsDir: string;
  /** Space that is held for a full disk. */
  readonly ballast: string;
  /** The lock that keeps a second `skerry up` off this home. */
  readonly lockFile: string;
  /** Bridge interface, at most 15 characters. */
  readonly bridge: string;
  /** Interface that systemd-resolved is told of, at most 13 characters: its pair is named after it. */
  readonly resolvedLink: string;
  readonly podmanNetwork: string;
  /** Prefix of container and volume names in Podman. */
  readonly namePrefix: string;
  /** nftables table name (families inet and bridge). */
  readonly nftTable: string;
}

/** The layout of a home. `home` must be absolute and normalised. */
export function homeLayout(home: string): HomeLayout {
  const tag = home === DEFAULT_HOME
    ? "main"
    : createHash("sha256").update(home).digest("hex").slice(0, 6);
  const runDir = home === DEFAULT_HOME ? "/run/skerry" : `/run/skerry-${tag}`;
  return {
    home,
    tag,
    runDir,
    controlSocket: `${runDir}/control.sock`,
    controlDatabase: `${home}/control/control.db`,
    controlBlobs: `${home}/control/blobs`,
    controlKeys: `${home}/control/keys`,
    agentDir: `${home}/agent`,
    agentBlobs: `${home}/agent/blobs`,
    agentKeys: `${home}/agent/keys`,
    lastGood: `${home}/agent/last-good`,
    certificatesDir: `${home}/certificates`,
    logsDir: `${home}/logs`,
    eventsDir: `${home}/agent/events`,
    clockFile: `${runDir}/clock.json`,
    podmanDir: `${home}/podman`,
    podmanSocket: `${runDir}/podman.sock`,
    traefikDir: `${home}/traefik`,
    secretsDir: `${runDir}/secrets`,
    ballast: `${home}/ballast`,
    lockFile: `${home}/lock`,
    bridge: `sk-${tag}`,
    resolvedLink: `sk-${tag}-r`,
    podmanNetwork: `skerry-${tag}`,
    namePrefix: tag === "main" ? "skerry" : `skerry-${tag}`,
    nftTable: `skerry_${tag}`,
  };
}
