/** What an archive of `docker save` says is in it, read without unpacking it. */
import { z } from "zod";
import { createRunCommand } from "../../shared/command.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { FoundImage } from "./findings.ts";
import { bareId } from "./old_engine.ts";

const Manifest = z.array(z.object({
  /** `ID.json`, or `blobs/sha256/ID`. */
  Config: z.string(),
  RepoTags: z.array(z.string()).nullish(),
}));

/** Images by their tags, as `name:tag`, and by name alone where the tag is `latest`. Pure. */
export function imagesOfManifest(text: string): Map<string, FoundImage> {
  const images = new Map<string, FoundImage>();
  for (const { Config, RepoTags } of Manifest.parse(JSON.parse(text))) {
    const id = /([0-9a-f]{64})(\.json)?$/.exec(bareId(Config))?.[1];
    if (id === undefined) throw new Error(`"${Config}" names no image`);
    for (const tag of RepoTags ?? []) {
      images.set(tag, { id, sizeBytes: null });
      if (tag.endsWith(":latest")) images.set(tag.slice(0, -7), { id, sizeBytes: null });
    }
  }
  return images;
}

/** Reads the list of an archive's images. */
export async function archiveImages(
  path: string,
  signal: AbortSignal,
): Promise<Map<string, FoundImage>> {
  const argv = ["tar", "--extract", "--to-stdout", `--file=${path}`, "manifest.json"];
  const { code, stdout, stderr } = await createRunCommand()(argv, { signal, timeoutMs: 600_000 });
  const wrong = (why: string) =>
    new SkerryError(
      "no_archive",
      `"${path}" is not an archive of docker save: ${why}`,
      "make it by `docker save -o FILE.tar IMAGE…`",
    );
  if (code !== 0) throw wrong(stderr.trim().split("\n")[0] ?? "");
  try {
    return imagesOfManifest(stdout);
  } catch (thrown) {
    throw wrong(messageOf(thrown));
  }
}
