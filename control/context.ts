/** What the parts of the control plane are given. */
import type { HomeCertificates } from "../shared/certificates/home_certificates.ts";
import type { Clock } from "../shared/clock.ts";
import type { Log } from "../shared/log.ts";
import type { IdKind, NodeId } from "../shared/model/ids.ts";
import { ID_BYTES, makeId } from "../shared/model/ids.ts";
import type { AgentLink } from "../shared/model/link.ts";
import type { Epoch } from "../shared/model/manifest.ts";
import type { RandomBytes } from "../shared/sealing/seal.ts";
import type { LoginParts } from "./accounts/parts.ts";
import type { Replays } from "./authz/replays.ts";
import type { Room } from "./room.ts";
import type { BlobStore } from "./blobs/store.ts";
import type { Bell } from "./bell.ts";
import type { SpecReaders } from "./decide/spec_reader.ts";
import type { ControlKeys } from "./keys.ts";
import type { Store } from "./store/store.ts";
import type { Turns } from "./turns.ts";

export interface ControlSettings {
  /** Prefix of container and volume names (`homeLayout(home).namePrefix`). */
  readonly namePrefix: string;
  readonly version: string;
  /** The fleet's ranges, CIDR. */
  readonly containerRange: string;
  readonly meshRange: string;
  /** Zone of internal names, such as `internal`. */
  readonly zone: string;
  readonly dnsTtlSeconds: number;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Names (and ports) that signed requests may be for, in lower case. */
  readonly authorities: readonly string[];
  /** Where people find the pages, such as `https://box:7443`. */
  readonly pageUrl: string;
  /** Names and addresses of this host as they are now. */
  readonly ownNames: () => readonly string[];
}

/** The certificates of this home; those of the ingress are its node's. */
export type Certificates = Pick<HomeCertificates, "authority" | "page" | "uploaded">;

export interface Context {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly room: Room;
  readonly keys: ControlKeys;
  readonly replays: Replays;
  readonly logins: LoginParts;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly settings: ControlSettings;
  readonly epoch: Epoch;
  /** The way to a node's sessions; null: it is not connected. */
  readonly links: (node: NodeId) => AgentLink | null;
  readonly certificates: Certificates;
  readonly specReaders: SpecReaders;
  /** Of requests with the same Idempotency-Key. */
  readonly turns: Turns;
  /** Rung for a node when its intent changes. */
  readonly intentBell: Bell;
  /** Rung for a release when anything of it changes. */
  readonly releaseBell: Bell;
  /** Rung whenever anything that is stored changes. */
  readonly stateBell: Bell;
  /** Ends with the app. */
  readonly closing: AbortSignal;
}

/** A fresh id. */
export function newId(context: Pick<Context, "random">, kind: IdKind): string {
  return makeId(kind, context.random(ID_BYTES));
}
