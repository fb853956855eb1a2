/**
 * Sessions carried out on this node: logs from the keeper, commands, images and volumes from
 * Podman. In `skerry up` the control plane calls it directly.
 */
import { SkerryError } from "../../shared/errors.ts";
import type { NodeEvent } from "../../shared/model/event.ts";
import type { DeploymentId } from "../../shared/model/ids.ts";
import type {
  AgentLink,
  BuildRequest,
  EventRequest,
  ExecStart,
  LinkExec,
  LogLine,
  LogRequest,
  ResolvedImage,
} from "../../shared/model/link.ts";
import type { DiskLoop } from "../loops/disk/loop.ts";
import { parseImageReference } from "../drivers/podman/image_reference.ts";
import type { ExecRequest, ImageSeen, Podman } from "../drivers/podman/driver.ts";
import type { PodmanDriver } from "../drivers/podman/create_driver.ts";

/** What of the driver a session needs. */
export type LinkPodman = Pick<
  Podman,
  | "exec"
  | "inspectImage"
  | "resolveDigest"
  | "buildImage"
  | "listImages"
  | "pullImage"
  | "removeImage"
  | "tagImage"
  | "saveImages"
  | "loadImages"
  | "removeVolume"
>;

export interface LocalLinkDeps {
  /** What is no part of what drivers promise each other. */
  readonly driver: Pick<PodmanDriver, "pushImage" | "verifyImages"> & {
    readonly registry: Pick<PodmanDriver["registry"], "checkLogin">;
  };
  readonly metrics: Pick<AgentLink, "metrics" | "latestMetrics" | "samples">;
  readonly whenIntent: AgentLink["whenIntent"];
  readonly run: AgentLink["run"];
  readonly startRun: AgentLink["startRun"];
  readonly stopRun: AgentLink["stopRun"];
  readonly suspendJob: AgentLink["suspendJob"];
  readonly podman: LinkPodman;
  readonly logs: { read(request: LogRequest, signal: AbortSignal): AsyncIterable<LogLine> };
  readonly events: { read(request: EventRequest, signal: AbortSignal): AsyncIterable<NodeEvent> };
  readonly disk: Pick<DiskLoop, "admit" | "guarded" | "spare" | "report">;
  /** The running container of a deployment; null: it has none. */
  readonly containerOf: (deployment: DeploymentId) => Promise<string | null>;
}

/** Errors are those of the driver, and `container_unknown` for a deployment that does not run. */
export function createLocalLink(deps: LocalLinkDeps): AgentLink {
  const { podman, disk } = deps;
  const inspected = async (reference: string, signal: AbortSignal) => {
    const image = await podman.inspectImage(reference, signal);
    // Who asks what it is may be about to run it.
    if (image !== null) disk.spare(image.id, "asked");
    return image;
  };
  return {
    logs: (request, signal) => deps.logs.read(request, signal),

    events: (request, signal) => deps.events.read(request, signal),

    async exec(start: ExecStart, signal: AbortSignal): Promise<LinkExec> {
      const containerId = await deps.containerOf(start.deployment);
      if (containerId === null) {
        throw new SkerryError(
          "container_unknown",
          `running a command in "${start.deployment}": it has no running container here`,
          "`skerry describe service NAME` says why it does not run; then try again.",
        );
      }
      return await podman.exec(containerId, execRequest(start), signal);
    },

    run: (start, signal) => deps.run(start, signal),
    startRun: (start, signal) => deps.startRun(start, signal),
    stopRun: (service, number) => deps.stopRun(service, number),
    suspendJob: (service, on) => deps.suspendJob(service, on),

    async resolveImage(reference, from, signal) {
      const here = await inspected(reference, signal);
      switch (from) {
        case "local":
          if (here !== null) return resolved(here, reference);
          break;
        case "registry":
          break;
        default: {
          const never: never = from;
          return never;
        }
      }
      const digest = await podman.resolveDigest(reference, signal);
      const same = here?.repoDigests.some((name) => name.endsWith(`@${digest}`)) ?? false;
      return same && here !== null
        ? { digest, id: here.id, volumes: here.volumes }
        : { digest, id: null, volumes: [] };
    },

    async inspectImage(reference, signal) {
      const here = await inspected(reference, signal);
      return here === null ? null : resolved(here, reference);
    },

    async buildImage(request: BuildRequest, onProgress, signal) {
      disk.admit(`building the image "${request.tag}"`);
      const image = await podman.buildImage(
        { ...request, labels: request.labels ?? {} },
        onProgress,
        signal,
      );
      disk.spare(image.id, "asked");
      // The registry's digest is born with a push: what was built here has its id alone.
      return { digest: null, id: image.id, volumes: image.volumes };
    },

    // Podman writes a temporary file to read an image's labels.
    listImages: (signal) => disk.guarded(() => podman.listImages(signal)),
    async pullImage(reference, onProgress, signal) {
      disk.admit(`pulling the image "${reference}"`);
      const image = await podman.pullImage(reference, onProgress, signal);
      disk.spare(image.id, "fetched");
      return resolved(image, reference);
    },
    verifyImages: (pins, onProgress, signal) => deps.driver.verifyImages(pins, onProgress, signal),
    pushImage: (image, destination, onProgress, signal) =>
      deps.driver.pushImage(image, destination, onProgress, signal),
    checkLogin: (host, login, signal) => deps.driver.registry.checkLogin(host, login, signal),
    whenIntent: (revision, signal) => deps.whenIntent(revision, signal),
    removeImage: (image, signal) => disk.guarded(() => podman.removeImage(image, signal)),
    async saveImages(images, signal) {
      // What was pulled by its digest alone has no name yet, and would have none where it is loaded.
      for (const { id, reference } of images) await podman.tagImage(id, reference, signal);
      return await podman.saveImages(images.map(({ reference }) => reference), signal);
    },
    async loadImages(archive, signal) {
      disk.admit("loading images from an archive");
      const references = await podman.loadImages(archive, signal);
      for (const reference of references) {
        const image = await podman.inspectImage(reference, signal);
        if (image !== null) disk.spare(image.id, "fetched");
      }
      return references;
    },
    disk: () => Promise.resolve(disk.report()),
    ...deps.metrics,
    removeVolume: (engineName, signal) =>
      disk.guarded(() => podman.removeVolume(engineName, signal)),
  };
}

function execRequest(start: ExecStart): ExecRequest {
  const { deployment: _, ...request } = start;
  return request;
}

/** The digest under which the reference's own repository knows the image, else its only one. Pure. */
export function resolved(image: ImageSeen, reference: string): ResolvedImage {
  const { id, volumes } = image;
  const asked = parseImageReference(reference);
  if (asked !== null && asked.digest !== null) return { digest: asked.digest, id, volumes };
  const pairs = image.repoDigests.map((name) => name.split("@"));
  const repository = asked === null ? "" : `${asked.registry}/${asked.repository}`;
  const found = pairs.find(([name]) => name === repository) ??
    // What was built here has a digest that no registry knows.
    pairs.find(([name]) => !(name ?? "").startsWith("localhost/"));
  const local = repository.startsWith("localhost/");
  return { digest: local ? null : found?.[1] ?? null, id, volumes };
}
