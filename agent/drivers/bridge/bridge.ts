/** The containers' bridge by the `ip` program and files below /proc/sys. */
import type { CommandResult, RunCommand } from "../../../shared/command.ts";
import { SkerryError } from "../../../shared/errors.ts";
import { type Bridge, type BridgeSeen, type BridgeWanted, portSetting } from "./driver.ts";
import { type LinkSeen, parseLinks } from "./parse.ts";
import { dottedName, type KernelSettings, settingsFor } from "./settings.ts";

export interface BridgeDeps {
  readonly run: RunCommand;
  readonly settings: KernelSettings;
}

/** Errors: `bridge_name_taken`, `bridge_failed`, `ip_output`, and those of the deps. */
export function createBridge(deps: BridgeDeps): Bridge {
  const ip = (args: readonly string[], signal?: AbortSignal) =>
    deps.run(["ip", ...args], { ...(signal && { signal }) });

  async function must(args: readonly string[], signal?: AbortSignal): Promise<CommandResult> {
    const result = await ip(args, signal);
    if (result.code === 0) return result;
    throw new SkerryError(
      "bridge_failed",
      `cannot set up the containers' bridge: "ip ${args.join(" ")}" says: ${
        result.stderr.trim().slice(0, 300)
      }`,
      "check that the agent runs as root and that the kernel has bridge and veth",
    );
  }

  async function links(signal?: AbortSignal): Promise<ReadonlyMap<string, LinkSeen>> {
    const { stdout } = await must(["-j", "-d", "address", "show"], signal);
    return new Map(parseLinks(stdout).map((link) => [link.name, link]));
  }

  /**
   * Ports of containers that must get back what they sent: where br_netfilter is on, the kernel turns
   * a packet to a published port back onto the bridge, and that may be the sender's own.
   */
  async function portsWithoutHairpin(
    name: string,
    seen: ReadonlyMap<string, LinkSeen>,
  ): Promise<readonly string[]> {
    if ((await deps.settings.read("net/bridge/bridge-nf-call-iptables")) !== "1") return [];
    return [...seen.values()].filter((link) =>
      link.master === name && link.name !== pairOf(name).inner && !link.hairpin
    ).map((link) => link.name);
  }

  async function wrongSettings(
    wanted: BridgeWanted,
    seen: ReadonlyMap<string, LinkSeen>,
  ): Promise<readonly string[]> {
    const wrong = (await portsWithoutHairpin(wanted.name, seen)).map(portSetting);
    for (const setting of settingsFor(wanted)) {
      if ((await deps.settings.read(setting.path)) !== setting.value) {
        wrong.push(dottedName(setting.path));
      }
    }
    return wrong.sort();
  }

  /** A pair that is up at both ends, one of them in the bridge: carrier without a container. */
  async function ensureCarrier(name: string, signal?: AbortSignal): Promise<void> {
    const { inner, outer } = pairOf(name);
    const seen = await links(signal);
    if (!seen.has(inner)) {
      await must(["link", "add", inner, "type", "veth", "peer", "name", outer], signal);
    }
    for (const end of [inner, outer]) {
      // Without an address of its own the pair speaks no IPv6 into the bridge.
      await must(["link", "set", end, "addrgenmode", "none"], signal);
    }
    if (seen.get(inner)?.master !== name) {
      await must(["link", "set", inner, "master", name], signal);
    }
    await must(["link", "set", inner, "up"], signal);
    await must(["link", "set", outer, "up"], signal);
  }

  return {
    async observe(wanted, signal): Promise<BridgeSeen> {
      const seen = await links(signal);
      const link = seen.get(wanted.name);
      const inner = seen.get(pairOf(wanted.name).inner);
      const exists = link?.kind === "bridge";
      return {
        exists,
        gatewayAssigned: exists && link.addresses.length === 1 &&
          link.addresses[0] === addressOf(wanted),
        carrier: exists && link.carrier && inner?.master === wanted.name,
        wrongSettings: exists ? await wrongSettings(wanted, seen) : [],
      };
    },

    async ensure(wanted, signal) {
      checkName(wanted.name);
      const before = (await links(signal)).get(wanted.name);
      if (before !== undefined && before.kind !== "bridge") {
        throw new SkerryError(
          "bridge_name_taken",
          `cannot make the containers' bridge: an interface "${wanted.name}" is there already and is no bridge`,
          `remove it (ip link delete ${wanted.name}), or use another SKERRY_HOME`,
        );
      }
      if (before === undefined) await must(["link", "add", wanted.name, "type", "bridge"], signal);
      const mac = macOf(wanted.gateway);
      // A bridge without a MAC of its own takes that of its ports, and containers lose their gateway.
      if (before?.mac !== mac) await must(["link", "set", wanted.name, "address", mac], signal);
      for (const address of before?.addresses ?? []) {
        if (address !== addressOf(wanted)) {
          await must(["address", "delete", address, "dev", wanted.name], signal);
        }
      }
      if (!before?.addresses.includes(addressOf(wanted))) {
        await must(["address", "add", addressOf(wanted), "dev", wanted.name], signal);
      }
      await must(["link", "set", wanted.name, "up"], signal);
      await ensureCarrier(wanted.name, signal);
      for (const { path, value } of settingsFor(wanted)) {
        if ((await deps.settings.read(path)) !== value) await deps.settings.write(path, value);
      }
      for (const port of await portsWithoutHairpin(wanted.name, await links(signal))) {
        // The container may end in this moment; what stays wrong is seen again.
        await ip(["link", "set", port, "type", "bridge_slave", "hairpin", "on"], signal);
      }
    },

    async remove(name, signal) {
      checkName(name);
      for (const link of [pairOf(name).inner, name]) {
        const { code, stderr } = await ip(["link", "delete", link], signal);
        if (code !== 0 && !/Cannot find device/.test(stderr)) {
          throw new SkerryError(
            "bridge_failed",
            `cannot remove the interface "${link}": ${stderr.trim().slice(0, 300)}`,
          );
        }
      }
    },
  };
}

function pairOf(name: string): { readonly inner: string; readonly outer: string } {
  return { inner: `${name}-a`, outer: `${name}-b` };
}

function addressOf(wanted: BridgeWanted): string {
  return `${wanted.gateway}/${wanted.prefixLength}`;
}

/** Locally administered, and the same after every boot. */
function macOf(gateway: string): string {
  const bytes = gateway.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return ["02", "73", ...bytes].join(":");
}

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9-]{0,12}$/.test(name)) {
    throw new SkerryError("bridge_failed", `not a bridge's name: ${JSON.stringify(name)}`);
  }
}
