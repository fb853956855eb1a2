/** What a release's files are made of. */
import type { ComposePart } from "../../shared/api/release.ts";
import type { Sha256 } from "../../shared/model/hash.ts";

/** The blobs that a part's files name, sorted. */
export function blobsOf(part: ComposePart): Sha256[] {
  const hashes = new Set<Sha256>();
  for (const file of Object.values(part.files)) {
    if (file.kind === "file") hashes.add(file.sha256);
    else for (const entry of file.entries) hashes.add(entry.sha256);
  }
  return [...hashes].sort();
}
