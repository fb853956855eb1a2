/**
 * What the agent asks of the kernel about the containers' bridge: that it is there before the first
 * container and after the last, with the gateway's address and carrier, so that sockets and links
 * bound to it live on, and with the settings that lead traffic between containers through the
 * firewall. Podman's network must be made before the bridge, else Podman says "subnet already used".
 */

export interface BridgeWanted {
  /** At most 13 characters: the pair that gives it carrier is named after it. */
  readonly name: string;
  /** The bridge's address, without prefix length. */
  readonly gateway: string;
  /** Prefix length of the containers' subnet. */
  readonly prefixLength: number;
  /** May 127.0.0.1 of the host lead to a container? Needed by ports published on it. */
  readonly loopbackPorts: boolean;
}

export interface BridgeSeen {
  readonly exists: boolean;
  /** It has the gateway's address, and no other IPv4 address. */
  readonly gatewayAssigned: boolean;
  readonly carrier: boolean;
  /** Settings that are not as wanted, such as `net.ipv4.conf.sk-main.proxy_arp_pvlan`, or `hairpin of veth3`, sorted. */
  readonly wrongSettings: readonly string[];
}

/** How the setting of one container's port in the bridge is called. */
export const portSetting = (port: string): string => `hairpin of ${port}`;

/** Is it a setting of a container that runs already, which no other has to wait for? */
export const isPortSetting = (setting: string): boolean => setting.startsWith(portSetting(""));

export interface Bridge {
  observe(wanted: BridgeWanted, signal?: AbortSignal): Promise<BridgeSeen>;
  /** Makes what is missing and mends what is wrong; repeats succeed. */
  ensure(wanted: BridgeWanted, signal?: AbortSignal): Promise<void>;
  /** Removes the bridge and what gave it carrier; settings of the whole host stay. Repeats succeed. */
  remove(name: string, signal?: AbortSignal): Promise<void>;
}
