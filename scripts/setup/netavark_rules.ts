/**
 * What netavark leaves in iptables. It takes a network's rules away with the last link of its bridge;
 * Skerry keeps the bridge up by a link of its own, so the rules are ours to remove.
 */

/** Which rules `iptables -S` of a table shows. */
export interface ShownRules {
  readonly nat: string;
  readonly filter: string;
}

/** Arguments for iptables, in order, that remove the rules and chains of these subnets. Pure. */
export function removalArguments(shown: ShownRules, subnets: readonly string[]): string[][] {
  const removals: string[][] = [];
  for (const table of ["nat", "filter"] as const) {
    const rules = shown[table].split("\n").map((line) => line.trim().split(/\s+/))
      .filter((words) => words[0] === "-A");
    const own = (words: readonly string[]) =>
      words.some((word, at) =>
        (word === "-s" || word === "-d") && subnets.includes(words[at + 1] ?? "")
      );
    const chains = new Set<string>();
    for (const words of rules) {
      const target = words[words.indexOf("-j") + 1] ?? "";
      if (words[1] === "POSTROUTING" && own(words) && target.startsWith("NETAVARK-")) {
        chains.add(target);
      }
      const hooks = words[1] === "POSTROUTING" || words[1] === "NETAVARK_FORWARD";
      if (hooks && own(words)) removals.push(["-t", table, "-D", ...words.slice(1)]);
    }
    for (const chain of [...chains].sort()) {
      removals.push(["-t", table, "-F", chain], ["-t", table, "-X", chain]);
    }
  }
  return removals;
}
