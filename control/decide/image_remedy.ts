/** What a person does about an image that is not in the store as it is pinned. Pure. */
import type { ImageCheck } from "../../shared/model/link.ts";
import type { PinRow } from "../store/services.ts";

type Pinned = Pick<PinRow, "reference" | "digest">;

/** How the image comes back. */
function fetchAgain({ reference, digest }: Pinned): string {
  if (reference.startsWith("localhost/")) {
    return "apply its project where its files are (it is built again), or load it: " +
      "skerry image load -i ARCHIVE";
  }
  if (digest === null) return `skerry image pull ${reference}`;
  const name = reference.split("@")[0] ?? reference;
  const colon = name.lastIndexOf(":");
  const repository = colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
  return `skerry image pull ${repository}@${digest}`;
}

/**
 * @param users `project/service` of what is to run from it now
 * @param isPartly images that the reader may not see have to go with it
 */
export function imageRemedy(
  pin: Pinned,
  check: Pick<ImageCheck, "state" | "sharedBy">,
  users: readonly string[],
  isPartly = false,
): string | null {
  switch (check.state) {
    case "whole":
      return null;
    case "absent":
      return fetchAgain(pin);
    case "damaged": {
      if (isPartly) {
        return "images that are not yours to see share what is damaged: whoever may see all " +
          "projects does this by `skerry image verify`";
      }
      const remove = `skerry image rm ${check.sharedBy.join(" ")}`;
      const projects = [...new Set(users.map((user) => user.split("/")[0] ?? user))].sort();
      if (projects.length === 0) return `${remove}, then: ${fetchAgain(pin)}`;
      const stop = projects.map((each) => `skerry delete --wait -p ${each}`).join(", ");
      return `${stop} (volumes stay), then ${remove}, then apply again: no image goes while ` +
        "something runs from it";
    }
    case "unchecked":
      return "nothing says that it is damaged; where in doubt, remove it and fetch it again";
    default: {
      const never: never = check.state;
      return never;
    }
  }
}
