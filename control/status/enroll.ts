/** Makes nodes known by one-time tokens. */
import type { EnrollAnswer, EnrollRequest } from "../../shared/api/agent.ts";
import { SkerryError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/model/hash.ts";
import { KeyId, NodeId } from "../../shared/model/ids.ts";
import { encodeBase64 } from "../../shared/signing/base64.ts";
import { type Context, newId } from "../context.ts";
import { ipv4Text, parseSubnet } from "../decide/addresses.ts";
import { publishNode } from "../desired/publish.ts";
import type { NodeRow } from "../store/nodes.ts";

/** A token that lets one node in within `lifetimeMs`. Only its hash is kept. */
export function createEnrollToken(context: Context, lifetimeMs: number): string {
  const token = context.random(32).toHex();
  const { store, clock } = context;
  store.transaction(() => {
    store.nodes.dropTokens(clock.now());
    store.nodes.addToken(sha256(token), clock.now() + lifetimeMs);
  });
  return token;
}

/** Has no node shown yet that it got its answer? */
export function awaitsNode({ store }: Context): boolean {
  return store.nodes.list().every((node) => store.observed.node(node.id) === null);
}

/** The node's part of the fleet's range: a free /24, or the whole where that is /24 or smaller. */
export function grantSubnet(range: string, taken: readonly string[]): string | null {
  const whole = parseSubnet(range);
  if (whole.prefix >= 24) {
    const subnet = `${ipv4Text(whole.first)}/${whole.prefix}`;
    return taken.includes(subnet) ? null : subnet;
  }
  const count = 2 ** (24 - whole.prefix);
  // The first /24 stays free where there are several: it is for things of the fleet itself.
  for (let index = count > 1 ? 1 : 0; index < count; index++) {
    const subnet = `${ipv4Text(whole.first + index * 256)}/24`;
    if (!taken.includes(subnet)) return subnet;
  }
  return null;
}

function freeName(context: Context, wanted: string): string {
  for (let number = 1;; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (context.store.nodes.byName(name) === null) return name;
  }
}

function answer(context: Context, node: NodeRow, nodeKey: KeyId): EnrollAnswer {
  const { signing } = context.keys;
  return {
    node: node.id,
    name: node.name,
    containerSubnet: node.containerSubnet,
    epoch: context.epoch,
    controlKey: { id: signing.id, publicKey: encodeBase64(signing.publicKey) },
    nodeKey,
  };
}

/**
 * A node that is known already by its sign key gets the same answer again, by the token that it used
 * as well: its first answer may have been lost.
 */
export function enroll(context: Context, request: EnrollRequest): EnrollAnswer {
  const { store, clock, settings } = context;
  const enrolled = store.transaction(() => {
    const now = clock.now();
    const known = store.nodes.keyByPublic(request.keys.sign);
    const id = known?.nodeId ?? NodeId.parse(newId(context, "nod"));
    if (!store.nodes.useToken(sha256(request.token), id, now)) {
      throw new SkerryError(
        "token_refused",
        "the token to join is unknown, too old or was used before",
        "Make a new one on the control plane.",
      );
    }
    const before = known === null ? null : store.nodes.get(known.nodeId);
    if (known !== null && before !== null) return answer(context, before, known.id);
    const subnet = grantSubnet(
      settings.containerRange,
      store.nodes.list().map((each) => each.containerSubnet),
    );
    if (subnet === null) {
      throw new SkerryError(
        "range_exhausted",
        `no part of the containers' range ${settings.containerRange} is left for another node`,
        "Give the control plane a larger --container-cidr.",
      );
    }
    const name = freeName(context, request.name);
    store.nodes.add({ id, name, containerSubnet: subnet, createdAt: now });
    let nodeKey: KeyId | null = null;
    for (const use of ["sign", "seal", "wg"] as const) {
      const key = KeyId.parse(newId(context, "key"));
      if (use === "sign") nodeKey = key;
      store.nodes.addKey({ id: key, nodeId: id, use, publicKey: request.keys[use] }, now);
    }
    const node = store.nodes.get(id);
    if (node === null || nodeKey === null) throw new Error("the node was not stored");
    publishNode(context, node);
    store.changes.add({
      at: now,
      who: `node ${name}`,
      action: "node.enroll",
      project: null,
      subject: id,
      summary: `joined with the subnet ${subnet}`,
    });
    return answer(context, node, nodeKey);
  });
  context.intentBell.ring(enrolled.node);
  return enrolled;
}
