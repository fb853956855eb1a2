/** Planning and releasing: gather, ask about images, decide; a release in one transaction. */
import type { PlanAnswer, ReleaseAccepted } from "../../shared/api/release.ts";
import type { ProjectName } from "../../shared/model/service_spec.ts";
import type { NodeId, RevisionId } from "../../shared/model/ids.ts";
import { canonicalJson, type Sha256, sha256 } from "../../shared/model/hash.ts";
import { ReleaseAccepted as ReleaseAcceptedSchema } from "../../shared/api/release.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Context } from "../context.ts";
import { type Caller, nameOf } from "../authz/caller.ts";
import { checkReach, reachWarnings } from "../authz/reach.ts";
import { publishAll } from "../desired/publish.ts";
import { riseAboveAll } from "../status/epoch.ts";
import { finishPurge } from "../status/purge.ts";
import { commit } from "./commit.ts";
import { Refused } from "./fault.ts";
import { decideTools, gather, type Gathered } from "./gather.ts";
import { diskOf, diskWarnings, pinsOf, refuseFetching, scarcityOf } from "./disk.ts";
import { imagesToLookUp } from "./image_volumes.ts";
import { askedAnew, unresolvedReferences } from "./images.ts";
import { reachOf } from "./reach.ts";
import { decideRelease } from "./release.ts";
import type { AskedRelease } from "./restart.ts";
import { lookUpVolumes, resolveImages } from "./resolve.ts";
import type { PinRow } from "../store/services.ts";
import type { Situation } from "./situation.ts";

/** Turns of asking before a release that others keep changing is given up. */
const MAX_TURNS = 5;

function check(gathered: Gathered, request: AskedRelease): void {
  const { newest, projectName, project } = gathered.situation;
  if (request.parent !== undefined && request.parent !== (newest?.id ?? null)) {
    throw new Refused(409, [{
      code: "stale_parent",
      detail: `project "${projectName}" was changed by another release (${
        newest?.id ?? "none"
      }) since this one was prepared`,
      remedy: "Look at the plan again, then apply again.",
    }]);
  }
  if (request.parts.compose === undefined && project === null) {
    throw new SkerryError(
      "not_found",
      `there is no project "${projectName}"`,
      "`skerry get projects` lists those that there are.",
    );
  }
  if (request.purge === undefined) return;
  if (request.parts.compose !== undefined || request.purge !== projectName) {
    throw new Refused(422, [{
      code: "purge_name",
      detail: `"${request.purge}" is not the name of the project that is deleted`,
      remedy: `Type the name "${projectName}" to remove its volumes and secrets for good.`,
    }]);
  }
}

interface Asked extends Pick<Situation, "resolved" | "imageVolumes"> {
  readonly node: NodeId;
  /** As it was when the node was asked, with its answers. */
  readonly situation: Situation;
}

async function askNode(
  context: Context,
  projectName: ProjectName,
  request: AskedRelease,
): Promise<Asked> {
  const nothing = { resolved: new Map(), imageVolumes: new Map() };
  const gathered = gather(context, projectName, request, nothing);
  check(gathered, request);
  const { situation } = gathered;
  const link = context.links(situation.node.id);
  const [resolved, imageVolumes] = await Promise.all([
    resolveImages(
      link,
      unresolvedReferences(situation),
      askedAnew(situation),
    ),
    lookUpVolumes(link, imagesToLookUp(situation)),
  ]);
  return {
    resolved,
    imageVolumes,
    node: situation.node.id,
    situation: { ...situation, resolved, imageVolumes },
  };
}

function storedPin({ store }: Context): (revision: RevisionId) => PinRow | null {
  return (id) => {
    const revision = store.services.revision(id);
    return revision === null ? null : store.services.pin(revision.pinId);
  };
}

/** What a release would do; nothing is written. */
export async function plan(
  context: Context,
  projectName: ProjectName,
  request: AskedRelease,
  caller: Caller,
): Promise<PlanAnswer> {
  // What changes while the node is asked is another release's business: applying this one says so.
  const told = await askNode(context, projectName, request);
  const decision = decideRelease(told.situation, decideTools(context));
  const isHere = (name: Sha256) => context.blobs.sizeOf(name) !== null;
  // Who is told that a file is here counts on it.
  for (const name of decision.neededBlobs.filter(isHere)) {
    context.blobs.touch(name, context.clock.now());
  }
  const node = context.store.nodes.get(told.node);
  const disk = await diskOf(context, told.node);
  return {
    ...decision.plan,
    warnings: [
      ...reachWarnings(caller, reachOf(decision, told.situation)),
      ...decision.plan.warnings,
      ...diskWarnings(node?.name ?? told.node, disk),
    ],
    missingBlobs: decision.neededBlobs.filter((name) => !isHere(name)),
  };
}

/** @param idempotencyKey a repeat with the same key and request answers as the first did */
export async function release(
  context: Context,
  projectName: ProjectName,
  request: AskedRelease,
  caller: Caller,
  idempotencyKey: string | null,
): Promise<ReleaseAccepted> {
  const { store, clock } = context;
  const requestHash = sha256(canonicalJson({ projectName, request }));
  const repeated = (): ReleaseAccepted | null => {
    const known = idempotencyKey === null ? null : store.changes.answered(idempotencyKey);
    if (known === null) return null;
    if (known.requestHash === requestHash) {
      return ReleaseAcceptedSchema.parse(JSON.parse(known.answer));
    }
    throw new SkerryError(
      "idempotency_key_reused",
      "this Idempotency-Key was used for another request",
      "Use a fresh key for each request.",
    );
  };
  const before = repeated();
  if (before !== null) return before;
  let told = await askNode(context, projectName, request);
  // A delete fetches nothing, and gives space back.
  const scarcity = request.parts.compose === undefined
    ? null
    : await scarcityOf(context, told.node);

  for (let turn = 1;; turn++) {
    const made = store.transaction(() => {
      const again = repeated();
      if (again !== null) return { answer: again, nodes: [] };
      const gathered = gather(context, projectName, request, told);
      check(gathered, request);
      if (unresolvedReferences(gathered.situation).length > 0 && turn < MAX_TURNS) return null;
      const decision = decideRelease(gathered.situation, decideTools(context));
      checkReach(caller, reachOf(decision, gathered.situation));
      const missing = decision.neededBlobs.filter((each) => context.blobs.sizeOf(each) === null);
      if (missing.length > 0) {
        throw new Refused(422, [{
          code: "missing_blobs",
          detail: `${missing.length} files were not sent: ${missing.slice(0, 3).join(", ")}`,
          remedy: "Send them first (PUT /api/v1/blobs/SHA256); the plan lists them.",
        }]);
      }
      if (scarcity !== null) refuseFetching(scarcity, pinsOf(decision, storedPin(context)));
      const { newest } = gathered.situation;
      const purge = request.purge !== undefined;
      const id = commit(
        context,
        decision,
        gathered.newSecrets,
        newest,
        request.parts,
        nameOf(caller),
        purge,
      );
      const { changes } = decision.plan;
      const answer: ReleaseAccepted = { id, warnings: [...decision.warnings], changes };
      if (idempotencyKey !== null) {
        store.changes.forgetAnswersBefore(clock.now() - 86_400_000);
        store.changes.remember(
          idempotencyKey,
          requestHash,
          JSON.stringify(answer),
          clock.now(),
        );
      }
      riseAboveAll(context);
      return { answer, nodes: publishAll(context) };
    });
    if (made !== null) {
      for (const node of made.nodes) context.intentBell.ring(node);
      context.releaseBell.ringAll();
      if (request.purge !== undefined) finishPurge(context);
      return made.answer;
    }
    told = await askNode(context, projectName, request);
  }
}
