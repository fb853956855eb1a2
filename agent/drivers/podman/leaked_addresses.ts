/**
 * Addresses that Podman believes to be in use though nobody has them. A Podman that is killed
 * between giving a container its address and starting it leaves the entry in its record for as long
 * as the machine runs, and no call takes it out: the container can never be started again. The
 * record is kept for each network by name, so such an address is given out on a sibling of the
 * network, with the same bridge and the same subnet, whose record is empty.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../../../shared/atomic_file.ts";

/** Podman's own file of a network; what is not named here is kept as it is. */
const NetworkFile = z.looseObject({ name: z.string(), id: z.string() });

export interface LeakedAddresses {
  /** The network on which an address can be given out. */
  networkFor(network: string, address: string): string;
  /** The address is stuck on `network`, a sibling or the first: from now on the next one is used. */
  note(network: string, address: string): Promise<void>;
}

/** The name of the sibling after this one: `skerry`, `skerry-2`, `skerry-3`. Pure. */
export function nextSibling(network: string, first: string): string {
  const number = network === first ? 1 : Number(network.slice(first.length + 1));
  return `${first}-${number + 1}`;
}

/** Is it a sibling of this network? Pure. */
export function isSibling(name: string, first: string): boolean {
  return name.startsWith(`${first}-`) && /^[1-9]\d*$/.test(name.slice(first.length + 1));
}

/** The container that Podman says has the address; null: the text says nothing of that. Pure. */
export function holderOf(message: string): string | null {
  return /already allocated to container ID ([0-9a-f]{64})/.exec(message)?.[1] ?? null;
}

/**
 * @param networksDir where Podman keeps its networks' files
 * @param first name of the home's network
 */
export function createLeakedAddresses(networksDir: string, first: string): LeakedAddresses {
  const moved = new Map<string, string>();
  return {
    networkFor: (network, address) => network === first ? moved.get(address) ?? network : network,
    async note(network, address) {
      if (network !== first && !isSibling(network, first)) return;
      const sibling = nextSibling(network, first);
      await ensureSibling(networksDir, first, sibling);
      moved.set(address, sibling);
    },
  };
}

async function ensureSibling(networksDir: string, first: string, sibling: string): Promise<void> {
  const path = `${networksDir}/${sibling}.json`;
  if (await readTextIfThere(path) !== null) return;
  const text = await Deno.readTextFile(`${networksDir}/${first}.json`);
  const id = createHash("sha256").update(sibling).digest("hex");
  const config = { ...NetworkFile.parse(JSON.parse(text)), name: sibling, id };
  await writeFileAtomically(path, JSON.stringify(config), 0o644);
}
