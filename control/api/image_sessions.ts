/** What is done with images for a person and takes its time: fetching, sending, verifying. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { PullEvent, PushEvent, VerifiedImage, VerifyEvent } from "../../shared/api/images.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Sight } from "../authz/may.ts";
import type { Context } from "../context.ts";
import { admitOn } from "../decide/disk.ts";
import { imageRemedy } from "../decide/image_remedy.ts";
import type { NeededPin } from "../decide/kept_images.ts";
import { neededPins } from "../status/needed_pins.ts";
import { route } from "./route.ts";
import { firstNode, linkOf, ndjson } from "./sessions.ts";
import { progressRecords, recordStream } from "./streams.ts";

interface Wanted {
  readonly pin: NeededPin["pin"];
  readonly running: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
}

/** Each image once, with all that need it, in the order of their names. */
function wantedImages(context: Context, project: string | undefined): Wanted[] {
  const needed = neededPins(context).filter(({ user }) =>
    project === undefined || user.startsWith(`${project}/`)
  );
  if (project !== undefined && needed.length === 0) {
    throw new SkerryError(
      "not_found",
      `no release of a project "${project}" needs an image`,
      "`skerry get projects` lists those that there are.",
    );
  }
  const found = new Map<
    string,
    { pin: NeededPin["pin"]; running: Set<string>; users: Set<string> }
  >();
  for (const { pin, user, when } of needed) {
    const key = `${pin.reference} ${pin.digest} ${pin.imageId}`;
    const entry = found.get(key) ?? { pin, running: new Set(), users: new Set() };
    entry.users.add(user);
    if (when === "running") entry.running.add(user);
    found.set(key, entry);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** May they see the project of a `project/service`? */
function isSeenBy(sight: Sight): (user: string) => boolean {
  return (user) => sight.project(user.split("/")[0] ?? "");
}

/** Is it a name, in the store, of that image? */
function isNamed(name: string, { pin }: Pick<Wanted, "pin">): boolean {
  return name === pin.reference || name.endsWith(`/${pin.reference}`);
}

async function verify(
  context: Context,
  project: string | undefined,
  sight: Sight,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<VerifiedImage[]> {
  const wanted = wantedImages(context, project);
  const pins = wanted.map(({ pin }) => ({
    reference: pin.reference,
    digest: pin.digest,
    id: pin.imageId,
  }));
  const link = linkOf(context, firstNode(context));
  const checks = await link.verifyImages(pins, onProgress, signal);
  // What another project runs keeps an image too, though this one alone was asked about.
  const all = wantedImages(context, undefined);
  const visible = all.filter(({ users }) => [...users].some(isSeenBy(sight)));
  return wanted.flatMap(({ pin, running, users }, index) => {
    const check = checks[index];
    if (check === undefined) return [];
    const holders = all.filter((each) =>
      each.pin.imageId === pin.imageId && pin.imageId !== null ||
      each.pin.digest === pin.digest && pin.digest !== null ||
      check.sharedBy.some((name) => isNamed(name, each))
    ).flatMap((each) => [...each.running]).filter(isSeenBy(sight));
    const isPartly = !sight.all &&
      !check.sharedBy.every((name) => visible.some((each) => isNamed(name, each)));
    return [{
      reference: pin.reference,
      digest: pin.digest,
      id: pin.imageId ?? check.id,
      neededBy: [...users].sort(),
      neededFor: running.size > 0 ? "running" : "previous",
      state: check.state,
      problems: [...check.problems],
      remedy: imageRemedy(pin, check, [...new Set(holders)], isPartly),
      readBytes: check.readBytes,
    }];
  });
}

export const imageSessionRoutes = {
  pullImage: route(ENDPOINTS.pullImage, async (context, { query, closing }) => {
    const link = linkOf(context, firstNode(context));
    await admitOn(context, firstNode(context), `pulling the image "${query.reference}"`);
    const records = (signal: AbortSignal) =>
      progressRecords<PullEvent>(async (onProgress) => {
        const { id } = await link.pullImage(query.reference, onProgress, signal);
        return { type: "done", id };
      });
    return ndjson(recordStream(closing, records));
  }),
  pushImage: route(ENDPOINTS.pushImage, (context, { query, by, closing }) => {
    const link = linkOf(context, firstNode(context));
    const { image, destination } = query;
    const records = (signal: AbortSignal) =>
      progressRecords<PushEvent>(async (onProgress) => {
        const pushed = await link.pushImage(image, destination ?? null, onProgress, signal);
        context.store.changes.add({
          at: context.clock.now(),
          who: by,
          action: "image.push",
          project: null,
          subject: pushed.reference,
          summary: `sent ${pushed.id.slice(0, 12)} to its registry`,
        });
        return { type: "done", ...pushed };
      });
    return Promise.resolve(ndjson(recordStream(closing, records)));
  }),
  verifyImages: route(ENDPOINTS.verifyImages, (context, { query, sight, closing }) => {
    const records = (signal: AbortSignal) =>
      progressRecords<VerifyEvent>(async (onProgress) => ({
        type: "done",
        items: await verify(context, query.project, sight, onProgress, signal),
      }));
    return Promise.resolve(ndjson(recordStream(closing, records)));
  }),
};
