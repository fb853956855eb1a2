/** Where a home has its authority and its certificates. Control plane and agent of one home share them. */
import { hostname, networkInterfaces } from "node:os";
import type { HomeLayout } from "../home.ts";
import { type Authority, createAuthority } from "./authority.ts";
import { createOwnCertificates, type OwnCertificates } from "./own.ts";
import { createUploaded, type Uploaded } from "./uploaded.ts";

/** What the page's certificate always bears: who pins the authority asks for it by this name. */
export const CONTROL_NAME = "control.skerry.internal";

export interface HomeCertificates {
  readonly authority: Authority;
  /** What the authority signed for the page and the API. */
  readonly page: OwnCertificates;
  /** What the authority signed for the ingress. */
  readonly ingress: OwnCertificates;
  /** What somebody handed in, for both. */
  readonly uploaded: Uploaded;
}

/** The certificates of a home. */
export function homeCertificates(
  layout: Pick<HomeLayout, "certificatesDir" | "agentDir">,
): HomeCertificates {
  const dir = layout.certificatesDir;
  const authority = createAuthority({
    dir,
    label: hostname(),
    names: ownNames,
    earlierDir: `${layout.agentDir}/certificates`,
  });
  return {
    authority,
    page: createOwnCertificates({ dir: `${dir}/page`, authority }),
    ingress: createOwnCertificates({ dir: `${dir}/ingress`, authority }),
    uploaded: createUploaded(`${dir}/uploaded`),
  };
}

/** Names and addresses of this host as they are now. */
export function ownNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ address }) => !address.startsWith("fe80:"))
    .map(({ address }) => address);
  return ["localhost", "127.0.0.1", "::1", hostname(), ...addresses];
}
