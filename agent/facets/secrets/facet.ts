/**
 * Secrets: opened with the node's key and laid out as files in a tmpfs, one folder a deployment,
 * complete or not there at all. Nothing of them ever reaches a disk in clear text.
 */
import { join } from "node:path";
import type { DeploymentId } from "../../../shared/model/ids.ts";
import { DeploymentId as DeploymentIdSchema } from "../../../shared/model/ids.ts";
import type { Deployment } from "../../../shared/model/sections.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { Desired, Facet, Planned, World } from "../../reconcile/world.ts";
import { fileSystemOf } from "./mountinfo.ts";
import type { SecretsSeen } from "./seen.ts";

export type SecretStep =
  | { readonly kind: "mount_tmpfs" }
  | { readonly kind: "lay_out"; readonly deployment: DeploymentId }
  | { readonly kind: "forget"; readonly deployment: DeploymentId };

export interface SecretsDeps {
  readonly folder: string;
  /** Opens what was sealed to this node. */
  unseal(sealed: string): Uint8Array;
  /** Mounts a tmpfs on the folder. */
  mountTmpfs(folder: string): Promise<void>;
}

export function createSecretsFacet(deps: SecretsDeps): Facet<"secrets", SecretStep> {
  return {
    name: "secrets",
    observe: () => observe(deps.folder),
    plan: planSecrets,
    async execute(step, world) {
      switch (step.kind) {
        case "mount_tmpfs":
          await Deno.mkdir(deps.folder, { recursive: true, mode: 0o700 });
          await deps.mountTmpfs(deps.folder);
          return;
        case "lay_out":
          await layOut(deps, world.desired, step.deployment);
          return;
        case "forget":
          await Deno.remove(join(deps.folder, step.deployment), { recursive: true });
          return;
      }
    },
  };
}

/** Path of a deployment's secret on the host. */
export function secretPath(folder: string, deployment: string, index: number): string {
  return join(folder, deployment, String(index));
}

/** The value of one version, from the sealed ones in the intent. */
export function openSecret(
  desired: Desired,
  version: string,
  unseal: (sealed: string) => Uint8Array,
): Uint8Array {
  for (const section of desired.secrets) {
    const found = section.secrets.find((each) => each.version === version);
    if (found !== undefined) return unseal(found.sealed);
  }
  throw new SkerryError(
    "secret_unknown",
    `this node was not sent secret version "${version}"`,
    "set the secret again (`skerry secret set`) and apply",
  );
}

async function observe(folder: string): Promise<SecretsSeen> {
  const mountinfo = await Deno.readTextFile("/proc/self/mountinfo");
  const onTmpfs = fileSystemOf(mountinfo, folder) === "tmpfs" && await isFolder(folder);
  const byDeployment = new Map<DeploymentId, ReadonlySet<string>>();
  if (onTmpfs) {
    for await (const entry of Deno.readDir(folder)) {
      const id = DeploymentIdSchema.safeParse(entry.name);
      if (!id.success) continue;
      const text = await Deno.readTextFile(join(folder, entry.name, "versions")).catch(() => "");
      byDeployment.set(id.data, new Set(text.split("\n").filter((line) => line !== "")));
    }
  }
  return { onTmpfs, byDeployment };
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}

/** Pure. */
export function planSecrets(world: World): readonly Planned<SecretStep>[] {
  const { onTmpfs, byDeployment } = world.seen.secrets;
  const planned: Planned<SecretStep>[] = [];
  const known = new Set<DeploymentId>();
  for (const section of world.desired.containers) {
    for (const deployment of section.deployments) {
      const versions = deployment.spec.secrets.map((secret) => secret.version);
      if (versions.length === 0 || deployment.want === "absent") continue;
      known.add(deployment.id);
      if (!onTmpfs) continue;
      const there = byDeployment.get(deployment.id);
      if (versions.every((version) => there?.has(version))) {
        planned.push({ subject: deployment.id, verdict: { kind: "converged" } });
        continue;
      }
      planned.push(todo(deployment.id, { kind: "lay_out", deployment: deployment.id }));
    }
  }
  if (known.size > 0 && !onTmpfs) planned.push(todo("secrets", { kind: "mount_tmpfs" }));
  for (const id of byDeployment.keys()) {
    // The container may still have the files mounted: they go after it.
    if (known.has(id) || world.seen.containers.byDeployment.has(id)) continue;
    planned.push(todo(id, { kind: "forget", deployment: id }));
  }
  return planned;
}

function todo(subject: string, step: SecretStep): Planned<SecretStep> {
  return {
    subject,
    verdict: {
      kind: "do",
      step,
      key: `secret:${step.kind}:${subject}`,
      phase: step.kind === "forget" ? "retire" : "prepare",
      why: step.kind === "forget"
        ? "its container is gone"
        : step.kind === "mount_tmpfs"
        ? "secrets go only where no disk is"
        : "its secrets are not laid out yet",
    },
  };
}

async function layOut(deps: SecretsDeps, desired: Desired, id: DeploymentId): Promise<void> {
  const deployment = deploymentOf(desired, id);
  const folder = join(deps.folder, id);
  const temporary = `${folder}.part`;
  await Deno.remove(temporary, { recursive: true }).catch(() => undefined);
  await Deno.mkdir(temporary, { mode: 0o700 });
  for (const [index, secret] of deployment.spec.secrets.entries()) {
    const path = join(temporary, String(index));
    await Deno.writeFile(path, openSecret(desired, secret.version, deps.unseal), { mode: 0o600 });
    await Deno.chown(path, secret.uid, secret.gid);
    await Deno.chmod(path, secret.mode);
  }
  const versions = deployment.spec.secrets.map((secret) => secret.version).join("\n");
  await Deno.writeTextFile(join(temporary, "versions"), versions);
  await Deno.remove(folder, { recursive: true }).catch(() => undefined);
  await Deno.rename(temporary, folder);
}

function deploymentOf(desired: Desired, id: DeploymentId): Deployment {
  for (const section of desired.containers) {
    const found = section.deployments.find((each) => each.id === id);
    if (found !== undefined) return found;
  }
  throw new SkerryError("deployment_unknown", `deployment "${id}" is no longer wanted`);
}
