/**
 * The engine that a project comes from, over Docker's HTTP API: only what Docker and Podman answer
 * alike, and paths without a version, since newer Dockers refuse older versions.
 */
import { z } from "zod";
import { answerOf, createSocketHttp, type SocketHttp } from "./socket_http.ts";

/** As the engine names it; `no` never restarts. */
export const RestartPolicy = z.object({
  Name: z.string().default(""),
  MaximumRetryCount: z.int().default(0),
});
export type RestartPolicy = z.infer<typeof RestartPolicy>;

const Listed = z.array(z.object({
  Id: z.string().regex(/^[0-9a-f]{64}$/),
  Labels: z.record(z.string(), z.string()).nullish(),
}));

const Inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  /** The image's id. */
  Image: z.string(),
  Config: z.object({ Image: z.string() }),
  HostConfig: z.object({
    RestartPolicy: RestartPolicy.nullish(),
    AutoRemove: z.boolean().nullish(),
  }),
  State: z.object({ Running: z.boolean(), StartedAt: z.string().nullish() }),
  Mounts: z.array(z.object({
    Type: z.string(),
    Name: z.string().nullish(),
    Destination: z.string(),
  })).nullish(),
});

const Volume = z.object({
  Name: z.string(),
  Mountpoint: z.string(),
  Driver: z.string().nullish(),
  Options: z.record(z.string(), z.string()).nullish(),
});

const Image = z.object({
  Id: z.string(),
  Size: z.number(),
  RepoTags: z.array(z.string()).nullish(),
  ManifestType: z.string().nullish(),
});

const Version = z.object({
  Version: z.string().nullish(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});

export interface OldContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly running: boolean;
  readonly startedAt: string;
  readonly restart: RestartPolicy;
  readonly autoRemove: boolean;
  readonly image: { readonly reference: string; readonly id: string };
  /** Volumes by the path in the container. */
  readonly volumes: ReadonlyMap<string, string>;
}

export interface OldVolume {
  readonly name: string;
  /** On this machine. */
  readonly folder: string;
  /** What its data is not: a plain folder of the engine; null: it is. */
  readonly unusual: string | null;
}

export interface OldImage {
  /** 64 hex digits. */
  readonly id: string;
  readonly sizeBytes: number;
}

export interface OldEngine extends Disposable {
  readonly socket: string;
  readonly kind: "docker" | "podman";
  /** `Docker 27.1`. */
  readonly title: string;
  /** Those of a compose project, oldest start first. */
  containers(project: string): Promise<readonly OldContainer[]>;
  volume(name: string): Promise<OldVolume | null>;
  image(reference: string): Promise<OldImage | null>;
  /** As an archive in the image's own format, so that its id stays. */
  saveImage(id: string): Promise<ReadableStream<Uint8Array>>;
  stop(container: string): Promise<void>;
  start(container: string): Promise<void>;
  /** False: this engine cannot change it. */
  setRestart(container: string, policy: RestartPolicy): Promise<boolean>;
}

const PROJECT_LABELS = ["com.docker.compose.project", "io.podman.compose.project"];
const SERVICE_LABELS = ["com.docker.compose.service", "io.podman.compose.service"];

export const bareId = (id: string): string => id.replace(/^sha256:/, "");

/** Speaks to the engine behind a socket; one call tells which it is. */
export async function openOldEngine(socket: string, signal: AbortSignal): Promise<OldEngine> {
  const http = createSocketHttp(socket, "http://docker", signal);
  try {
    const doing = "asking the engine for its version";
    const answer = await http.call({ doing, method: "GET", path: "/version" });
    const version = answerOf(Version, answer, doing);
    const podman = version.Components?.some((each) => /podman/i.test(each.Name)) ?? false;
    const native = podman ? createSocketHttp(socket, "http://libpod/v4.0.0/libpod", signal) : null;
    return oldEngine(
      socket,
      http,
      native,
      `${podman ? "Podman" : "Docker"} ${version.Version ?? ""}`.trim(),
    );
  } catch (thrown) {
    http[Symbol.dispose]();
    throw thrown;
  }
}

function oldEngine(
  socket: string,
  http: SocketHttp,
  /** Podman's own API: Docker's would change the format of an image, and so its id. */
  native: SocketHttp | null,
  title: string,
): OldEngine {
  const inspect = async (id: string, labels: Readonly<Record<string, string>>) => {
    const doing = `looking at the container "${id.slice(0, 12)}"`;
    const answer = await http.call({ doing, method: "GET", path: `/containers/${id}/json` });
    const seen = answerOf(Inspected, answer, doing);
    return {
      id,
      name: seen.Name.replace(/^\//, ""),
      service: SERVICE_LABELS.map((label) => labels[label]).find((each) => each !== undefined) ??
        "",
      running: seen.State.Running,
      startedAt: seen.State.StartedAt ?? "",
      restart: seen.HostConfig.RestartPolicy ?? { Name: "no", MaximumRetryCount: 0 },
      autoRemove: seen.HostConfig.AutoRemove ?? false,
      image: { reference: seen.Config.Image, id: bareId(seen.Image) },
      volumes: new Map(
        (seen.Mounts ?? []).flatMap((mount) =>
          mount.Type === "volume" && mount.Name ? [[mount.Destination, mount.Name] as const] : []
        ),
      ),
    };
  };
  const imageOf = async (reference: string) => {
    const doing = `looking at the image "${reference}"`;
    const answer = await (native ?? http).call({
      doing,
      method: "GET",
      path: `/images/${encodeURIComponent(reference)}/json`,
      accept: [404],
    });
    return answer.status === 404 ? null : answerOf(Image, answer, doing);
  };
  return {
    socket,
    kind: native === null ? "docker" : "podman",
    title,
    async containers(project) {
      const doing = `looking for containers of the compose project "${project}"`;
      const found = new Map<string, Readonly<Record<string, string>>>();
      for (const label of PROJECT_LABELS) {
        const filters = encodeURIComponent(JSON.stringify({ label: [`${label}=${project}`] }));
        const path = `/containers/json?all=true&filters=${filters}`;
        const answer = await http.call({ doing, method: "GET", path });
        for (const each of answerOf(Listed, answer, doing)) found.set(each.Id, each.Labels ?? {});
      }
      const containers: OldContainer[] = [];
      for (const [id, labels] of found) containers.push(await inspect(id, labels));
      return containers.sort((a, b) =>
        a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : a.name < b.name ? -1 : 1
      );
    },
    async volume(name) {
      const doing = `looking at the volume "${name}"`;
      const path = `/volumes/${encodeURIComponent(name)}`;
      const answer = await http.call({ doing, method: "GET", path, accept: [404] });
      if (answer.status === 404) return null;
      const seen = answerOf(Volume, answer, doing);
      const options = Object.keys(seen.Options ?? {}).sort();
      const driver = seen.Driver ?? "local";
      return {
        name,
        folder: seen.Mountpoint,
        unusual: driver !== "local"
          ? `it is of the driver "${driver}"`
          : options.length > 0
          ? `it has the driver options ${options.join(", ")}`
          : null,
      };
    },
    async image(reference) {
      const seen = await imageOf(reference);
      return seen === null ? null : { id: bareId(seen.Id), sizeBytes: seen.Size };
    },
    async saveImage(id) {
      const doing = `saving the image "${id.slice(0, 12)}"`;
      if (native === null) {
        return await http.stream({ doing, method: "GET", path: `/images/${id}/get` });
      }
      const type = (await imageOf(id))?.ManifestType ?? "";
      const format = type.includes("docker") ? "docker-archive" : "oci-archive";
      return await native.stream({
        doing,
        method: "GET",
        path: `/images/${id}/get?format=${format}`,
      });
    },
    async stop(container) {
      const doing = `stopping the old container "${container.slice(0, 12)}"`;
      await http.call({ doing, method: "POST", path: `/containers/${container}/stop` });
    },
    async start(container) {
      const doing = `starting the old container "${container.slice(0, 12)}"`;
      await http.call({ doing, method: "POST", path: `/containers/${container}/start` });
    },
    async setRestart(container, policy) {
      const doing = `changing the restart policy of "${container.slice(0, 12)}"`;
      const path = `/containers/${container}/update`;
      const json = { RestartPolicy: { ...policy, Name: policy.Name === "" ? "no" : policy.Name } };
      // Podman before 5.1 has no such call, or takes limits alone.
      const accept = native === null ? [] : [400, 404, 405, 409, 500, 501];
      const answer = await http.call({ doing, method: "POST", path, json, accept });
      if (answer.status >= 400) return false;
      const seen = await inspect(container, {});
      return seen.restart.Name === json.RestartPolicy.Name || json.RestartPolicy.Name === "no" &&
          seen.restart.Name === "";
    },
    [Symbol.dispose]() {
      http[Symbol.dispose]();
      native?.[Symbol.dispose]();
    },
  };
}
