/** Images: what is here, pulling and building. */
import {
  commandOfTest,
  type ExecCheck,
  TIMING_DEFAULTS,
} from "../../../shared/model/docker_healthcheck.ts";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import { InspectedImage } from "./answers.ts";
import type { AuthFile } from "./auth_file.ts";
import type { ImageSeen, Podman } from "./driver.ts";
import { podmanError } from "./errors.ts";
import { fullReference, isLocalBuild, parseImageReference } from "./image_reference.ts";
import { type ProgressOptions, readProgress } from "./progress_stream.ts";
import { LOCAL_BUILD, pullError, pullFailureOf, unauthorized } from "./pull_failure.ts";
import { type KnownRegistries, loginFor, placesOf } from "./registries.ts";
import { parseAnswer, type Transport } from "./transport.ts";

/** A pull without any movement for so long has stalled. */
export const PULL_STALL_MS = 120_000;
/** A step of a build may be silent for long (a compiler), so only a hopeless one is given up. */
const BUILD_STALL_MS = 3_600_000;

/**
 * The network of a build's steps, in the words of POST /build. "none" as a networkmode is ignored in
 * silence: a namespace of its own that nothing is done about has no network.
 */
const NETWORK_OF_STEPS = {
  // Podman's own default network is one a machine.
  host: { networkmode: "host" },
  none: {
    networkmode: "NetworkDisabled",
    nsoptions: JSON.stringify([{ Name: "network", Host: false, Path: "" }]),
  },
} as const;

export interface ImageDeps {
  readonly transport: Transport;
  readonly activity: ProgressOptions["activity"];
  readonly monotonic: () => number;
  readonly pullStallMs?: number;
  /**
   * Podman syncs nothing of an image: without this a power cut leaves one in its list whose files
   * are empty. Resolves once all of it is on the disk.
   */
  sync(): Promise<void>;
  readonly registries: KnownRegistries;
  readonly authFile: AuthFile;
}

export type ImageCalls = Pick<Podman, "inspectImage" | "pullImage" | "buildImage">;

/** An image says what it likes: more than anybody means is left out. */
const MAX_VOLUMES = 100;
const MAX_PATH = 4096;
/** No check waits for longer than a day. */
const MAX_TIME_MS = 86_400_000;

/** The check of an image; whoever made it wrote the times, so what is no time is the default. */
function healthcheckOf(image: InspectedImage): ExecCheck | null {
  const command = commandOfTest(image.Healthcheck?.Test ?? []);
  if (command === null) return null;
  const { Interval, Timeout, StartPeriod, Retries } = image.Healthcheck ?? {};
  const ms = (nanoseconds: number | null | undefined, otherwise: number) => {
    const found = Math.round((nanoseconds ?? 0) / 1_000_000);
    return found > 0 && found <= MAX_TIME_MS ? found : otherwise;
  };
  const retries = Math.trunc(Retries ?? 0);
  return {
    kind: "exec",
    command: [...command],
    intervalMs: ms(Interval, TIMING_DEFAULTS.intervalMs),
    timeoutMs: ms(Timeout, TIMING_DEFAULTS.timeoutMs),
    retries: retries > 0 ? retries : TIMING_DEFAULTS.retries,
    startPeriodMs: ms(StartPeriod, TIMING_DEFAULTS.startPeriodMs),
    startIntervalMs: TIMING_DEFAULTS.startIntervalMs,
  };
}

/** An image as the rest of the program sees it. Pure. */
export function imageSeen(image: InspectedImage): ImageSeen {
  const healthcheck = healthcheckOf(image);
  return {
    id: image.Id.replace(/^sha256:/, ""),
    repoDigests: [...image.RepoDigests ?? []].sort(),
    repoTags: [...image.RepoTags ?? []].sort(),
    exposedPorts: Object.keys(image.Config?.ExposedPorts ?? {}).flatMap(exposedPort)
      .sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1)),
    sizeBytes: image.Size,
    volumes: Object.keys(image.Config?.Volumes ?? {})
      .filter((path) => path.startsWith("/") && path.length <= MAX_PATH).sort()
      .slice(0, MAX_VOLUMES),
    ...(healthcheck === null ? {} : { healthcheck }),
  };
}

/** Why Podman did not get an image from a registry, or send it there. Pure. */
function registryFailure(
  words: string,
  doing: string,
  host: string,
  username: string | null,
): SkerryError {
  const kind = pullFailureOf(words);
  return kind === "unauthorized"
    ? unauthorized(doing, host, username)
    : pullError(kind, doing, words, { host });
}

/** `80/tcp`, `53/udp`, `80`, or a range `8000-8002/tcp`; sctp and nonsense give nothing. */
function exposedPort(text: string): ImageSeen["exposedPorts"] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/.exec(text);
  if (match === null) return [];
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (first < 1 || last > 65_535 || last < first || last - first > 1000) return [];
  const protocol = match[3] === "udp" ? "udp" : "tcp";
  return Array.from({ length: last - first + 1 }, (_, i) => ({ port: first + i, protocol }));
}

export function createImageCalls(deps: ImageDeps): ImageCalls {
  const { transport } = deps;

  const inspect: ImageCalls["inspectImage"] = async (reference, signal) => {
    const doing = `looking at the image "${reference}"`;
    const path = `/images/${encodeURIComponent(reference)}/json`;
    const answer = await transport.call({ doing, method: "GET", path, signal }, [404, 400]);
    if (answer.status === 404 || answer.status === 400) return null;
    return imageSeen(parseAnswer(InspectedImage, answer.text, doing));
  };
  const here = async (reference: string, doing: string, signal?: AbortSignal) => {
    const image = await inspect(reference, signal);
    if (image === null) {
      throw podmanError("image_unknown", doing, "it ended well, yet the image is not here");
    }
    return image;
  };

  const nameImage = async (id: string, tag: string, signal?: AbortSignal): Promise<void> => {
    const doing = `naming an image "${tag}"`;
    const parsed = parseImageReference(tag);
    if (parsed === null || parsed.digest !== null) {
      throw podmanError("invalid", doing, "this is no name that an image can be given");
    }
    await transport.call({
      doing,
      method: "POST",
      path: `/images/${encodeURIComponent(id)}/tag`,
      query: {
        repo: `${parsed.registry}/${parsed.repository}`,
        tag: parsed.version,
      },
      signal,
    });
  };

  return {
    inspectImage: inspect,
    async pullImage(reference, onProgress, signal) {
      const doing = `pulling the image "${reference}"`;
      const parsed = parseImageReference(reference);
      if (parsed === null) {
        throw pullError("invalid_reference", doing, "this is not an image reference");
      }
      if (isLocalBuild(parsed)) throw pullError("not_found", doing, LOCAL_BUILD);
      const full = fullReference(parsed);
      const known = deps.registries();
      const login = loginFor(known, parsed.registry);
      // The header's login is for the registry itself; a mirror's own has to be found by Podman.
      const held =
        placesOf(parsed, known).some((place) =>
            place.isMirror && loginFor(known, place.host) !== null
          )
          ? await deps.authFile.hold()
          : null;
      let end;
      try {
        end = await readProgress(transport, {
          doing,
          method: "POST",
          path: "/images/pull",
          query: { reference: full, policy: "always" },
          login,
          signal,
        }, {
          onProgress,
          stallMs: deps.pullStallMs ?? PULL_STALL_MS,
          activity: deps.activity,
          monotonic: deps.monotonic,
        });
      } catch (thrown) {
        // A reference that Podman refuses outright has a real status.
        if (thrown instanceof SkerryError && thrown.code === "invalid") {
          throw pullError("invalid_reference", doing, messageOf(thrown), { cause: thrown });
        }
        throw thrown;
      } finally {
        await held?.release();
      }
      if (end.kind === "stalled") throw pullError("timeout", doing, "nothing came any more");
      if (end.kind === "error") {
        throw registryFailure(end.message, doing, parsed.registry, login?.username ?? null);
      }
      await deps.sync();
      return await here(end.id, doing, signal);
    },
    async buildImage(build, onProgress, signal) {
      const doing = `building the image "${build.tag}"`;
      const query: Record<string, string> = {
        t: build.tag,
        dockerfile: build.dockerfile,
        layers: "true",
        // Docker's format alone keeps HEALTHCHECK, SHELL and ONBUILD. Unnamed, Podman's API finds no
        // cached layer: it looks for those of the format "".
        outputformat: "application/vnd.docker.distribution.manifest.v2+json",
        nocache: String(build.noCache),
        pullpolicy: build.pull ? "always" : "missing",
        buildargs: JSON.stringify(build.args),
        labels: JSON.stringify(build.labels),
        ...NETWORK_OF_STEPS[build.network ?? "host"],
        ...(build.target === undefined ? {} : { target: build.target }),
        ...(build.extraHosts === undefined ? {} : { extrahosts: JSON.stringify(build.extraHosts) }),
        ...(build.shmBytes === undefined ? {} : { shmsize: String(build.shmBytes) }),
        ...(build.ulimits === undefined ? {} : { ulimits: JSON.stringify(build.ulimits) }),
      };
      const logins = deps.registries().some(({ login }) => login !== null);
      const held = logins ? await deps.authFile.hold() : null;
      let end;
      try {
        end = await readProgress(transport, {
          doing,
          method: "POST",
          path: "/build",
          query,
          tar: build.context,
          signal,
        }, {
          onProgress,
          stallMs: BUILD_STALL_MS,
          activity: deps.activity,
          monotonic: deps.monotonic,
        });
      } finally {
        await held?.release();
      }
      const tail = end.lastLines.slice(-3).join(" | ");
      if (end.kind === "stalled") throw podmanError("build_failed", doing, `it stalled: ${tail}`);
      if (end.kind === "error") {
        // The base image's registry, as Podman quotes it.
        const host = /docker:\/\/([^/\s]+)\//.exec(end.message)?.[1];
        if (host !== undefined && pullFailureOf(end.message) === "unauthorized") {
          const login = loginFor(deps.registries(), host);
          throw unauthorized(doing, host, login?.username ?? null);
        }
        throw podmanError("build_failed", doing, `${end.message} (${tail})`);
      }
      for (const tag of build.tags ?? []) await nameImage(end.id, tag, signal);
      await deps.sync();
      return await here(end.id, doing, signal);
    },
  };
}
