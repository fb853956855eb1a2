import type { DeploymentId } from "../../../shared/model/ids.ts";

/** Folders of decrypted secrets in tmpfs. */
export interface SecretsSeen {
  /** Is the place where they go a tmpfs? */
  readonly onTmpfs: boolean;
  /** Deployments with a folder that is complete, and the versions in it. */
  readonly byDeployment: ReadonlyMap<DeploymentId, ReadonlySet<string>>;
}
