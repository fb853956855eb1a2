/** Why a container ended, in words for people. Pure. */
import type { Deployment } from "../../shared/model/sections.ts";
import type { Reason } from "../../shared/model/verdict.ts";
import type { ContainerSeen } from "../drivers/podman/driver.ts";

type Ended = Pick<ContainerSeen, "state" | "exitCode" | "outOfMemory" | "damage">;

/** Of one that is `exited` or `dead`. */
export function endReason(seen: Ended, deployment: Pick<Deployment, "spec">): Reason {
  if (seen.outOfMemory === true) {
    const limit = deployment.spec.resources.memoryBytes;
    return {
      code: "out_of_memory",
      message: limit === undefined
        ? "it was killed because memory ran out"
        : `it was killed because it used more than its ${mebibytes(limit)} MiB of memory`,
    };
  }
  if (seen.damage !== undefined) {
    return { code: "damaged", message: `its container's storage is damaged: ${seen.damage}` };
  }
  if (seen.state === "dead") {
    return { code: "lost", message: "its process or its conmon is gone without a trace" };
  }
  return { code: "exited", message: `it exited with code ${seen.exitCode ?? "unknown"}` };
}

function mebibytes(bytes: number): string {
  return String(Math.round(bytes / 2 ** 20 * 10) / 10);
}

/** From so many ends in a row on it is called a crash loop. */
export const CRASH_LOOP_FROM = 3;

/** Why it is not started again at once; `until` is when it is. */
export function pauseReason(why: Reason, streak: number, until: number): Reason {
  const at = new Date(until).toISOString().slice(11, 19);
  return streak < CRASH_LOOP_FROM
    ? { code: why.code, message: `${why.message}; is started again at ${at} UTC` }
    : {
      code: "crash_loop",
      message: `crash loop: ${why.message}, ${streak} times in a row; next try at ${at} UTC`,
    };
}
