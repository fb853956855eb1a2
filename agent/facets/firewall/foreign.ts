/**
 * Other firewalls on the host that would drop our traffic: an accept in our tables does not override
 * a drop in theirs. Best effort, for `doctor`: known programs by the names of their chains, and any
 * chain that forwards or takes in nothing by default. Rules deep inside are not followed.
 */
import { z } from "zod";
import type { RunCommand } from "../../../shared/command.ts";

export interface ForeignFirewall {
  readonly program: "ufw" | "firewalld" | "docker" | "unknown";
  /** What it keeps from working, as a sentence. */
  readonly effect: string;
  /** Commands that let our traffic pass. */
  readonly remedy: string;
}

const Chain = z.object({
  chain: z.object({
    family: z.string(),
    table: z.string(),
    name: z.string(),
    hook: z.string().optional(),
    policy: z.string().optional(),
  }),
});
const Rules = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });

const PORTS = "published ports of containers are not reached from the network";
const NAMES = "containers cannot ask this host for names (port 53)";

/**
 * Reads `nft -j list ruleset`. Also iptables' rules show there, except where iptables is the legacy
 * one. Pure.
 */
export function parseForeignFirewalls(
  output: string,
  ours: { readonly bridge: string; readonly nftTable: string },
): readonly ForeignFirewall[] {
  const rules = Rules.safeParse(parseJson(output));
  if (!rules.success) return [];
  const chains = rules.data.nftables.flatMap((object) => {
    const chain = Chain.safeParse(object);
    // The tables of this Skerry and of others on the machine decide about their own bridges only.
    return chain.success && !/^skerry_/.test(chain.data.chain.table) ? [chain.data.chain] : [];
  }).filter((chain) => ["ip", "inet"].includes(chain.family) && chain.table !== ours.nftTable);
  const { bridge } = ours;
  const found: ForeignFirewall[] = [];
  const forwardDrops = chains.filter((each) => each.hook === "forward" && each.policy === "drop");
  const inputDrops = chains.filter((each) => each.hook === "input" && each.policy === "drop");
  if (chains.some((each) => each.name.startsWith("ufw-"))) {
    const effects = [
      ...(forwardDrops.length > 0 ? [PORTS] : []),
      ...(inputDrops.length > 0 ? [NAMES] : []),
    ];
    // Without a drop ufw is installed but not active.
    if (effects.length > 0) {
      found.push({
        program: "ufw",
        effect: effects.join("; "),
        remedy: `ufw route allow out on ${bridge} && ufw allow in on ${bridge} to any port 53`,
      });
    }
  } else if (chains.some((each) => each.table === "firewalld")) {
    found.push({
      program: "firewalld",
      effect: `${PORTS}; ${NAMES}`,
      remedy:
        `firewall-cmd --permanent --zone=trusted --add-interface=${bridge} && firewall-cmd --reload`,
    });
  } else if (forwardDrops.length > 0 && chains.some((each) => each.name === "DOCKER-USER")) {
    found.push({
      program: "docker",
      effect: PORTS,
      remedy:
        `iptables -I DOCKER-USER -o ${bridge} -m conntrack --ctstate DNAT -j ACCEPT (after each boot)`,
    });
  } else {
    const unknown = [
      ...forwardDrops.map((each) => ({ each, effect: PORTS })),
      ...inputDrops.map((each) => ({ each, effect: NAMES })),
    ];
    for (const { each, effect } of unknown) {
      found.push({
        program: "unknown",
        effect: `${effect}: the chain "${each.family} ${each.table} ${each.name}" drops by default`,
        remedy: each.hook === "forward"
          ? `let it accept what goes to and comes from the interface ${bridge}`
          : `let it accept port 53 (udp and tcp) from the interface ${bridge}`,
      });
    }
  }
  return found;
}

/** Asks the kernel; where `nft` does not answer, nothing is found. */
export async function foreignFirewalls(
  deps: { readonly run: RunCommand; readonly nft?: string },
  ours: { readonly bridge: string; readonly nftTable: string },
): Promise<readonly ForeignFirewall[]> {
  const { code, stdout } = await deps.run([deps.nft ?? "nft", "-j", "list", "ruleset"]);
  return code === 0 ? parseForeignFirewalls(stdout, ours) : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
