/** Images on the node, and who needs them. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { ImageView, PruneAnswer } from "../../shared/api/images.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { ImageToSave } from "../../shared/model/link.ts";
import type { Context } from "../context.ts";
import { admitOn } from "../decide/disk.ts";
import { isPinned, type JudgedImage, judgeImages } from "../decide/kept_images.ts";
import { neededPins } from "../status/needed_pins.ts";
import { imagesAsSeen } from "./as_seen.ts";
import { listRoute } from "./list_route.ts";
import { tooLarge } from "../blobs/store.ts";
import { limitedBody } from "../limited_body.ts";
import { answerJson, answerNothing, route } from "./route.ts";
import { firstNode, linkOf } from "./sessions.ts";

async function judged(context: Context, signal: AbortSignal): Promise<JudgedImage[]> {
  const images = await linkOf(context, firstNode(context)).listImages(signal);
  return judgeImages(images, neededPins(context));
}

function viewOf({ image, usedBy, keptFor }: JudgedImage): ImageView {
  const { id, sizeBytes, createdAt } = image;
  return {
    id,
    references: [...image.references],
    sizeBytes,
    createdAt,
    usedBy: [...usedBy],
    keptFor,
  };
}

/** The images of a project's current release, each under the name that its services ask for. */
async function imagesOfProject(
  context: Context,
  name: string,
  signal: AbortSignal,
): Promise<ImageToSave[]> {
  const images = await linkOf(context, firstNode(context)).listImages(signal);
  const needed = neededPins(context).filter(({ user, when }) =>
    when === "running" && user.startsWith(`${name}/`)
  );
  if (needed.length === 0) {
    throw new SkerryError(
      "not_found",
      `project "${name}" runs nothing`,
      "`skerry get projects` lists those that there are.",
    );
  }
  const found = new Map<string, ImageToSave>();
  for (const { pin, user } of needed) {
    const image = images.find((each) => isPinned(each, pin));
    if (image === undefined) {
      throw new SkerryError(
        "image_missing",
        `the image "${pin.reference}" of ${user} is not on the node`,
        "Wait until the release is up (`skerry get services`), then save it.",
      );
    }
    found.set(pin.reference, { id: image.id, reference: pin.reference });
  }
  return [...found.values()].sort((a, b) => (a.reference < b.reference ? -1 : 1));
}

async function imagesByReference(
  context: Context,
  references: readonly string[],
  signal: AbortSignal,
): Promise<ImageToSave[]> {
  const link = linkOf(context, firstNode(context));
  return await Promise.all(references.map(async (reference) => {
    const image = await link.inspectImage(reference, signal);
    if (image?.id) return { id: image.id, reference };
    throw new SkerryError(
      "not_found",
      `there is no image "${reference}" on the node`,
      "`skerry image list` shows those that there are; `skerry image pull` fetches one.",
    );
  }));
}

export const imageRoutes = {
  images: listRoute(ENDPOINTS.images, {
    rows: async (context, { request, sight }) =>
      imagesAsSeen((await judged(context, request.signal)).map(viewOf), sight),
    // As people look for them; those without a name stand last.
    key: ({ id, references: [name] }) => [name === undefined ? "1" : "0", name ?? "", id],
  }),
  saveImages: route(ENDPOINTS.saveImages, async (context, { query, request }) => {
    const { references, project } = query;
    if ((references === undefined) === (project === undefined)) {
      throw new SkerryError(
        "bad_request",
        "name references, or a project, and not both",
        "Send ?references=A,B or ?project=NAME.",
      );
    }
    const images = project === undefined
      ? await imagesByReference(context, (references ?? "").split(","), request.signal)
      : await imagesOfProject(context, project, request.signal);
    const link = linkOf(context, firstNode(context));
    return new Response(await link.saveImages(images, request.signal), {
      headers: { "content-type": "application/x-tar", "cache-control": "no-store" },
    });
  }),
  loadImages: route(ENDPOINTS.loadImages, async (context, { request, by }) => {
    if (request.body === null) {
      throw new SkerryError(
        "bad_request",
        "the archive is missing",
        "Send it as the body, as `skerry image save` wrote it.",
      );
    }
    await admitOn(context, firstNode(context), "loading images from an archive");
    const { limitBytes } = ENDPOINTS.loadImages.body;
    const archive = limitedBody(request.body, limitBytes, () => tooLarge(limitBytes));
    const link = linkOf(context, firstNode(context));
    const references = [...await link.loadImages(archive, request.signal)];
    noteChange(context, by, "image.load", references.join(", "), "loaded from an archive");
    return answerJson(ENDPOINTS.loadImages, { references });
  }),
  deleteImage: route(ENDPOINTS.deleteImage, async (context, { params, request, by }) => {
    const link = linkOf(context, firstNode(context));
    const found = await link.inspectImage(params.image, request.signal);
    if (found === null) {
      throw new SkerryError(
        "not_found",
        `there is no image "${params.image}" on the node`,
        "`skerry image list` shows those that there are.",
      );
    }
    const image = (await judged(context, request.signal)).find((each) =>
      each.image.id === found.id
    );
    if (image !== undefined && image.usedBy.length > 0) {
      throw new SkerryError(
        "image_in_use",
        `the image "${params.image}" is used by ${image.usedBy.join(", ")}`,
        "Delete what uses it first.",
      );
    }
    await link.removeImage(params.image, request.signal);
    noteChange(context, by, "image.remove", params.image, "removed");
    return answerNothing();
  }),
  pruneImages: route(ENDPOINTS.pruneImages, async (context, { query, request, by }) => {
    const link = linkOf(context, firstNode(context));
    const unneeded = (await judged(context, request.signal)).filter((each) => !each.keptFor);
    const answer: PruneAnswer = { removed: [], stayed: [], freedBytes: 0 };
    for (const { image } of unneeded) {
      try {
        // By its id alone one with several names is not removed.
        const names = image.references.length < 2 ? [image.id] : image.references;
        if (query.dryRun !== "true") {
          for (const name of names) await link.removeImage(name, request.signal);
        }
        answer.removed.push({ id: image.id, references: [...image.references] });
        answer.freedBytes += image.sizeBytes;
      } catch (thrown) {
        answer.stayed.push({ id: image.id, why: messageOf(thrown) });
      }
    }
    if (query.dryRun !== "true" && answer.removed.length > 0) {
      const count = `${answer.removed.length} images`;
      noteChange(context, by, "image.prune", count, "removed: no release needs them");
    }
    return answerJson(ENDPOINTS.pruneImages, answer);
  }),
};

function noteChange(
  context: Context,
  who: string,
  action: string,
  subject: string,
  summary: string,
): void {
  const at = context.clock.now();
  context.store.changes.add({
    at,
    who,
    action,
    project: null,
    subject: subject.slice(0, 500),
    summary,
  });
}
