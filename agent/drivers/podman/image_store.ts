/** The images on this node: listing, removing, naming, and carrying them out and in as archives. */
import { ImageList, LoadedImages } from "./answers.ts";
import type { ImageListed, Podman } from "./driver.ts";
import { podmanError } from "./errors.ts";
import { parseImageReference } from "./image_reference.ts";
import { CHANGE_TIMEOUT_MS, parseAnswer, type Transport } from "./transport.ts";

export type ImageStoreCalls = Pick<
  Podman,
  "listImages" | "removeImage" | "tagImage" | "saveImages" | "loadImages"
>;

/** An archive of many gigabytes on a slow disk takes its time. */
const ARCHIVE_TIMEOUT_MS = 3_600_000;

/** @param sync as in ImageDeps */
export function createImageStoreCalls(
  transport: Transport,
  sync: () => Promise<void>,
): ImageStoreCalls {
  return {
    async listImages(signal) {
      const doing = "listing images";
      const answer = await transport.call({ doing, method: "GET", path: "/images/json", signal });
      return parseAnswer(ImageList, answer.text, doing).map((image): ImageListed => ({
        id: image.Id.replace(/^sha256:/, ""),
        references: [...image.RepoTags ?? []].filter((tag) => !tag.startsWith("<none>")).sort(),
        repoDigests: [...image.RepoDigests ?? []].sort(),
        sizeBytes: image.Size,
        createdAt: image.Created * 1000,
        containers: image.Containers ?? 0,
      })).sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async removeImage(image, signal) {
      const doing = `removing the image "${image}"`;
      const path = `/images/${encodeURIComponent(image)}`;
      const call = { doing, method: "DELETE" as const, path, timeoutMs: CHANGE_TIMEOUT_MS, signal };
      const { status, text } = await transport.call(call, [404, 409]);
      if (status === 409) throw podmanError("image_in_use", doing, wordsOf(text));
    },
    async tagImage(id, reference, signal) {
      const doing = `naming the image "${id.slice(0, 12)}" "${reference}"`;
      const parsed = parseImageReference(reference);
      if (parsed === null) throw podmanError("invalid", doing, "this is not an image reference");
      const cut = reference.lastIndexOf(":");
      const tagged = cut > reference.lastIndexOf("/");
      await transport.call({
        doing,
        method: "POST",
        path: `/images/${encodeURIComponent(id)}/tag`,
        query: {
          repo: tagged ? reference.slice(0, cut) : reference,
          tag: tagged ? reference.slice(cut + 1) : "latest",
        },
        signal,
      });
    },
    async saveImages(references, signal) {
      const doing = `saving ${references.length} images`;
      const { chunks, close } = await transport.stream({
        doing,
        method: "GET",
        path: "/images/export",
        query: { format: "docker-archive", references },
        signal,
      });
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { value, done } = await chunks.read();
          if (!done) return controller.enqueue(value);
          await close();
          controller.close();
        },
        cancel: () => close(),
      }, { highWaterMark: 0 });
    },
    async loadImages(archive, signal) {
      const doing = "loading images from an archive";
      const { chunks, close } = await transport.stream({
        doing,
        method: "POST",
        path: "/images/load",
        tar: archive,
        timeoutMs: ARCHIVE_TIMEOUT_MS,
        signal,
      });
      let text = "";
      const decoder = new TextDecoder();
      try {
        for (let part = await chunks.read(); !part.done; part = await chunks.read()) {
          text += decoder.decode(part.value, { stream: true });
        }
      } finally {
        await close();
      }
      const names = parseAnswer(LoadedImages, text, doing).Names ?? [];
      await sync();
      return names;
    },
  };
}

function wordsOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && "cause" in body) return String(body.cause);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  return text.trim().slice(0, 300);
}
