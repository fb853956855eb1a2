/** What an adoption starts from: all that is there, before anything is changed. */
import type { Space } from "../../shared/model/disk.ts";
import type { OldContainer, OldVolume } from "./old_engine.ts";

/** Where the old project is. */
export type Origin =
  | { readonly kind: "engine"; readonly socket: string; readonly title: string }
  | {
    readonly kind: "files";
    /** A folder as /var/lib/docker/volumes; null: no volumes are brought. */
    readonly volumes: string | null;
    /** An archive of `docker save`; null: no images are brought. */
    readonly images: string | null;
  };

export interface FoundVolume extends OldVolume {
  /** Of its data on disk; null: the folder cannot be read here. */
  readonly bytes: number | null;
  /** Files and folders in it. */
  readonly files: number;
}

export interface FoundImage {
  readonly id: string;
  /** Null: in an archive, whose whole size is told. */
  readonly sizeBytes: number | null;
}

export interface Findings {
  readonly origin: Origin;
  /** Oldest start first; empty where there is no engine to ask. */
  readonly containers: readonly OldContainer[];
  /** By their old names. */
  readonly volumes: ReadonlyMap<string, FoundVolume>;
  /** By reference, and by id where a container runs it. */
  readonly images: ReadonlyMap<string, FoundImage>;
  /** Volumes that Skerry's storage has already. */
  readonly taken: ReadonlySet<string>;
  /** Images that Skerry's storage has already, by id. */
  readonly here: ReadonlySet<string>;
  /** Of the archive that images come from; 0: there is none. */
  readonly archiveBytes: number;
  /** The disk that all is copied to; null: it cannot be told. */
  readonly space: Space | null;
  /** Services of the same name that Skerry runs already. */
  readonly running: readonly string[];
}
