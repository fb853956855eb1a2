/** The bridge, its address and settings, and Podman's network on it. */
export interface NetworkSeen {
  readonly podmanNetwork: boolean;
  readonly bridge: boolean;
  readonly gatewayAssigned: boolean;
  readonly carrier: boolean;
  /** Kernel settings that are not as wanted, such as `net.ipv4.conf.sk-main.proxy_arp_pvlan`. */
  readonly wrongSettings: readonly string[];
}
