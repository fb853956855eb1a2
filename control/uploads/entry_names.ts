/** Names of what an upload holds: which may be, and which would lead elsewhere. Pure. */
import { SkerryError } from "../../shared/errors.ts";
import type { UploadBounds } from "./bounds.ts";

/** An entry as it may be shown: on one line, cut, nothing invisible. */
export function shownEntry(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 117)}...` : name)
    .replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, "\u{fffd}");
}

/** An upload that is not taken, with the entry that is to blame. */
export function refusedEntry(name: string, why: string, remedy: string): SkerryError {
  return new SkerryError("upload_refused", `the entry ${shownEntry(name)} ${why}`, remedy);
}

/** What comes along with folders and archives and is no part of a project. */
export function isLeftOut(path: string): boolean {
  return /(^|\/)(\.git|__MACOSX|node_modules)(\/|$)|(^|\/)(\.DS_Store|Thumbs\.db)$/.test(path);
}

export interface EntryNames {
  /** The path of a file, relative and normalised. Throws where it may not be. */
  file(name: string): string;
  /** The same for a folder that stands in an archive of itself. */
  folder(name: string): string;
}

/** Names that were taken so far; each is taken once, and none hides another. */
export function createEntryNames(bounds: UploadBounds): EntryNames {
  /** By its name in lower case and composed form, as file systems fold them. */
  const seen = new Map<string, { readonly path: string; readonly kind: "file" | "folder" }>();
  let files = 0;
  const fold = (path: string) => path.normalize("NFC").toLowerCase();

  function parts(name: string): string[] {
    const refuse = (why: string, remedy: string) => {
      throw refusedEntry(name, why, remedy);
    };
    // deno-lint-ignore no-control-regex
    if (/[\u0000-\u001f\u007f]/.test(name) || !name.isWellFormed()) {
      refuse("has a name with control characters", "rename it");
    }
    if (name.includes("\\")) {
      refuse("has a backslash in its name", "pack it with / between folders");
    }
    if (name.startsWith("/") || /^[a-zA-Z]:/.test(name)) {
      refuse("has an absolute path", "pack the folder itself, with relative paths");
    }
    if (new TextEncoder().encode(name).length > bounds.pathBytes) {
      refuse(`has a name of more than ${bounds.pathBytes} bytes`, "give it a shorter one");
    }
    const found = name.replace(/\/$/, "").split("/");
    if (found.some((part) => part === "..")) {
      refuse('leads out of the folder with ".."', "pack the folder itself");
    }
    if (found.some((part) => part === "" || part === ".")) {
      refuse('has an empty part or "." in its path', "pack the folder itself");
    }
    if (found.length > bounds.depth) {
      refuse(`lies more than ${bounds.depth} folders deep`, "pack a part of it");
    }
    return found;
  }

  function take(name: string, path: string, kind: "file" | "folder"): void {
    const before = seen.get(fold(path));
    if (before === undefined) {
      seen.set(fold(path), { path, kind });
      return;
    }
    if (before.kind === "folder" && kind === "folder" && before.path === path) return;
    if (before.path !== path) {
      throw refusedEntry(
        name,
        `and ${shownEntry(before.path)} differ in upper and lower case alone`,
        "rename one of them",
      );
    }
    throw refusedEntry(
      name,
      before.kind === kind ? "is there twice" : "is a file and a folder",
      "pack it anew",
    );
  }

  function takeFolders(name: string, found: readonly string[]): void {
    for (let length = 1; length <= found.length; length++) {
      take(name, found.slice(0, length).join("/"), "folder");
    }
  }

  return {
    file(name) {
      const found = parts(name);
      if (name.endsWith("/")) throw refusedEntry(name, "is no file", "pack it anew");
      takeFolders(name, found.slice(0, -1));
      take(name, found.join("/"), "file");
      files++;
      if (files > bounds.files) {
        throw new SkerryError(
          "too_large",
          `the upload has more than ${bounds.files} files (${shownEntry(name)} is one too many)`,
          "Upload the compose file and what it names; data belong into volumes.",
        );
      }
      return found.join("/");
    },
    folder(name) {
      const found = parts(name);
      takeFolders(name, found);
      return found.join("/");
    },
  };
}
