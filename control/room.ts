/** The space that is left on the control plane's own disk. */
import type { Ballast } from "../shared/ballast.ts";
import type { ReadSpace } from "../shared/disk_space.ts";
import { refusal } from "../shared/disk_text.ts";

export interface Room {
  /**
   * Throws `disk_nearly_full` where there is none for it, by the disk as it is now.
   * @param doing such as `storing a file`
   * @param needBytes what it will write, where that is known
   */
  admit(doing: string, needBytes?: number): void;
  /** What must be written found no space: gives some back that was kept for this. False: none is left. */
  make(): boolean;
}

/** The room of a home. */
export function createRoom(deps: {
  readonly home: string;
  readonly readSpace: ReadSpace;
  readonly ballast: Pick<Ballast, "release">;
}): Room {
  return {
    admit(doing, needBytes) {
      const space = deps.readSpace(deps.home);
      const refused = space === null ? null : refusal(space, deps.home, doing, needBytes ?? null);
      if (refused !== null) throw refused;
    },
    make: () => deps.ballast.release(),
  };
}
