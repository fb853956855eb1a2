/** Who looks at a page: what of the caller pages need to know. What they may see is decided by the API alone. */
import type { Role } from "../shared/model/role.ts";

export interface Viewer {
  /** As it is shown; null: nobody is logged in. */
  readonly name: string | null;
  /** By a session that can be ended; root on the socket has none. */
  readonly session: boolean;
  /**
   * Has the viewer this role, on a project or (null) everywhere? Pages leave out what would be
   * refused; the API refuses it all the same.
   */
  may(role: Role, project: string | null): boolean;
}
