/** The home's own Podman, where images and volumes are brought to before the first start. */
import { z } from "zod";
import type { Clock } from "../../shared/clock.ts";
import { SkerryError } from "../../shared/errors.ts";
import { bareId } from "./old_engine.ts";
import { answerOf, createSocketHttp } from "./socket_http.ts";

const Image = z.object({ Id: z.string() });
const Volume = z.object({ Mountpoint: z.string() });
const Loaded = z.object({ Names: z.array(z.string()).nullish() });

/** `skerry up` answers before its Podman does, on a slow box by many seconds. */
const READY_WITHIN_MS = 60_000;
const ASK_AGAIN_MS = 250;

export interface HomeEngine extends Disposable {
  /** Waits until it answers. @throws {SkerryError} `engine_unreachable` after a minute */
  ready(): Promise<void>;
  /** The id of an image that is here; null: it is not. */
  image(reference: string): Promise<string | null>;
  /** Loads an archive; gives the ids of what was in it. */
  load(tar: ReadableStream<Uint8Array>): Promise<readonly string[]>;
  tag(id: string, repository: string, tag: string): Promise<void>;
  /** The folder that holds a volume's data; null: there is no such volume. */
  volumeFolder(name: string): Promise<string | null>;
  /** A new, empty volume that no start changes the owner or mode of. Gives its folder. */
  createVolume(
    name: string,
    labels: Readonly<Record<string, string>>,
    owner: { readonly uid: number; readonly gid: number },
  ): Promise<string>;
  removeVolume(name: string): Promise<void>;
}

/** Speaks to the Podman of a home. */
export function openHomeEngine(socket: string, signal: AbortSignal, clock: Clock): HomeEngine {
  const http = createSocketHttp(socket, "http://libpod/v4.0.0/libpod", signal);
  const image = async (reference: string) => {
    const doing = `looking for the image "${reference}" in Skerry's storage`;
    const path = `/images/${encodeURIComponent(reference)}/json`;
    const answer = await http.call({ doing, method: "GET", path, accept: [400, 404] });
    return answer.status >= 400 ? null : bareId(answerOf(Image, answer, doing).Id);
  };
  const volumeFolder = async (name: string) => {
    const doing = `looking for the volume "${name}" in Skerry's storage`;
    const path = `/volumes/${encodeURIComponent(name)}/json`;
    const answer = await http.call({ doing, method: "GET", path, accept: [404] });
    return answer.status === 404 ? null : answerOf(Volume, answer, doing).Mountpoint;
  };
  return {
    async ready() {
      const end = clock.monotonic() + READY_WITHIN_MS;
      for (;;) {
        try {
          await http.call({ doing: "asking Skerry's Podman", method: "GET", path: "/_ping" });
          return;
        } catch (thrown) {
          const isAway = thrown instanceof SkerryError && thrown.code === "engine_unreachable";
          if (!isAway || clock.monotonic() >= end) throw thrown;
        }
        await clock.sleep(ASK_AGAIN_MS, signal);
      }
    },
    image,
    async load(tar) {
      const doing = "loading images into Skerry's storage";
      const answer = await http.call({ doing, method: "POST", path: "/images/load", tar });
      const ids: string[] = [];
      for (const name of answerOf(Loaded, answer, doing).Names ?? []) {
        const id = await image(name);
        if (id !== null) ids.push(id);
      }
      return ids;
    },
    async tag(id, repository, tag) {
      const doing = `naming the image ${id.slice(0, 12)} "${repository}:${tag}"`;
      const query = new URLSearchParams({ repo: repository, tag });
      await http.call({ doing, method: "POST", path: `/images/${id}/tag?${query}` });
    },
    volumeFolder,
    async createVolume(name, labels, owner) {
      const doing = `making the volume "${name}"`;
      // With an owner named, Podman does not give the folder the image's owner and mode at its first use.
      const Options = { o: `uid=${owner.uid},gid=${owner.gid}` };
      const json = { Name: name, Labels: labels, Options };
      const answer = await http.call({ doing, method: "POST", path: "/volumes/create", json });
      return answerOf(Volume, answer, doing).Mountpoint;
    },
    async removeVolume(name) {
      const doing = `removing the volume "${name}"`;
      const path = `/volumes/${encodeURIComponent(name)}`;
      await http.call({ doing, method: "DELETE", path, accept: [404] });
    },
    [Symbol.dispose]: () => http[Symbol.dispose](),
  };
}
