/** What the readers of a model's parts share. */
import type { Place, Problems } from "./problem.ts";
import type { ScalarReaders } from "./scalars.ts";
import type { Lookup } from "./substitute.ts";

/** What a file holds, or why it cannot be read. */
export type FileText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Reads a file by its absolute path; never throws. */
export type ReadFile = (path: string) => FileText;

/** A name that must stand at the top level, where it is used. */
export interface Reference {
  readonly kind: "networks" | "volumes" | "secrets" | "configs";
  readonly name: string;
  readonly at: Place;
  readonly service: string;
}

/** A port of the host that a service wants. */
export interface Publication {
  readonly at: Place;
  readonly service: string;
  readonly hostIp: string | undefined;
  readonly published: string;
  readonly protocol: string;
}

export interface Reading {
  readonly problems: Problems;
  readonly scalars: ScalarReaders;
  /** Absolute. */
  readonly projectDirectory: string;
  /** Of files that were extended or included: the folder that their paths are against. */
  readonly directories: ReadonlyMap<string, string>;
  readonly lookup: Lookup;
  readonly readFile: ReadFile;
  readonly references: Reference[];
  readonly publications: Publication[];
}
