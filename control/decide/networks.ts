/**
 * By which key a compose network is known. A project's own are `project/network`. One with a name
 * of its own, or an external one, is known by that name, so that projects share it; an external
 * one that bears the name of another project's network is that network.
 */
import type { ComposeModel } from "../../shared/compose/model.ts";
import type { NetworkRow } from "../store/services.ts";
import { ownValue } from "../../shared/own_value.ts";

/** No project can be called so: keys of shared networks never meet those of a project. */
const SHARED = "*";

export interface DecidedNetwork {
  /** Key in the compose file. */
  readonly local: string;
  readonly key: string;
  readonly name: string;
  readonly internal: boolean;
  readonly external: boolean;
}

/** The networks that services of a model use, sorted by key. */
export function decideNetworks(
  model: ComposeModel,
  stored: readonly NetworkRow[],
): DecidedNetwork[] {
  const used = new Set(Object.values(model.services).flatMap((each) => Object.keys(each.networks)));
  const decided: DecidedNetwork[] = [];
  for (const local of used) {
    const network = ownValue(model.networks, local);
    const name = network?.name ?? `${model.name}_${local}`;
    if (network?.external === true) {
      const owner = stored.find((row) => row.name === name && !row.external);
      decided.push({
        local,
        key: owner?.key ?? `${SHARED}/${name}`,
        name,
        internal: owner?.internal ?? false,
        external: true,
      });
      continue;
    }
    const own = name === `${model.name}_${local}`;
    decided.push({
      local,
      key: own ? `${model.name}/${local}` : `${SHARED}/${name}`,
      name,
      internal: network?.internal ?? false,
      external: false,
    });
  }
  return decided.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** Each network once, as it is stored. */
export function networkRows(
  networks: readonly DecidedNetwork[],
  projectId: NetworkRow["projectId"],
): NetworkRow[] {
  return networks.filter((each, index) =>
    networks.findIndex((other) => other.key === each.key) === index
  ).map(({ key, name, internal, external }) => ({ projectId, key, name, internal, external }));
}
