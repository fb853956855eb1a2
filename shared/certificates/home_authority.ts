/** Where a home has its authority. Control plane and agent of one home share it. */
import { hostname } from "node:os";
import type { HomeLayout } from "../home.ts";
import { type Authority, createAuthority } from "./authority.ts";

/** The authority of a home, named after the host. */
export function homeAuthority(layout: HomeLayout): Authority {
  return createAuthority({
    dir: layout.certificatesDir,
    label: hostname(),
    earlierDir: `${layout.agentDir}/certificates`,
  });
}
