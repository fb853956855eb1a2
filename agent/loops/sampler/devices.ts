/**
 * Which of the host's devices count, so that nothing is counted twice: what goes through a bridge, a
 * VLAN or a container's pair goes through a real device too. Pure.
 */

export interface InterfaceFacts {
  readonly name: string;
  /** It has a device of its own below it. */
  readonly real: boolean;
  readonly bridge: boolean;
  /** It is a port of a bridge, or a part of a bond. */
  readonly port: boolean;
}

const VIRTUAL = /^(lo|dummy|ifb|tun|tap|wg|sit|ip6tnl|gre|podman|docker|veth|virbr|sk-)/;

/** The interfaces that count; where none is real (in a container), those that might as well be. */
export function countedInterfaces(all: readonly InterfaceFacts[]): readonly string[] {
  const real = all.filter(({ real }) => real);
  const counted = real.length > 0
    ? real
    : all.filter(({ name, bridge, port }) => !bridge && !port && !VIRTUAL.test(name));
  return counted.map(({ name }) => name).sort();
}

export interface DiskFacts {
  readonly name: string;
  readonly real: boolean;
}

/** The disks that count: no parts of disks, loops and what is made of other disks. */
export function countedDisks(all: readonly DiskFacts[]): readonly string[] {
  const real = all.filter(({ real }) => real);
  const counted = real.length > 0
    ? real
    : all.filter(({ name }) => !/^(loop|ram|zram|dm-|md|sr|fd|nbd)/.test(name));
  return counted.map(({ name }) => name).sort();
}
