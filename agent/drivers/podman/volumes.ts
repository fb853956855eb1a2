/** Named volumes. They hold the data of services: nothing here removes one that is in use. */
import { SkerryError } from "../../../shared/errors.ts";
import { ContainerList, VolumeList } from "./answers.ts";
import type { VolumeCreate } from "./driver.ts";
import { podmanError } from "./errors.ts";
import { pageBytes } from "./page_size.ts";
import { engineOptions } from "./volume_options.ts";
import { CHANGE_TIMEOUT_MS, parseAnswer, type Transport } from "./transport.ts";

export interface VolumeCalls {
  list(
    signal?: AbortSignal,
  ): Promise<readonly { name: string; labels: Record<string, string> }[]>;
  create(name: string, volume: VolumeCreate, signal?: AbortSignal): Promise<void>;
  remove(name: string, signal?: AbortSignal): Promise<void>;
}

export function createVolumeCalls(transport: Transport): VolumeCalls {
  const users = async (name: string, signal?: AbortSignal): Promise<readonly string[]> => {
    const doing = `finding the users of the volume "${name}"`;
    const answer = await transport.call({
      doing,
      method: "GET",
      path: "/containers/json",
      query: { all: "true", filters: JSON.stringify({ volume: [name] }) },
      signal,
    });
    return parseAnswer(ContainerList, answer.text, doing).map((c) => c.Names[0] ?? c.Id);
  };

  return {
    async list(signal) {
      const doing = "listing volumes";
      const answer = await transport.call({ doing, method: "GET", path: "/volumes/json", signal });
      return parseAnswer(VolumeList, answer.text, doing)
        .map((volume) => ({ name: volume.Name, labels: volume.Labels }))
        .sort((a, b) => a.name < b.name ? -1 : 1);
    },
    async create(name, { labels, options }, signal) {
      const doing = `creating the volume "${name}"`;
      const json = {
        Name: name,
        Labels: labels,
        ...(options === undefined
          ? {}
          : { Driver: "local", Options: engineOptions(options, pageBytes()) }),
      };
      try {
        await transport.call({ doing, method: "POST", path: "/volumes/create", json, signal });
      } catch (thrown) {
        if (!(thrown instanceof SkerryError) || thrown.code !== "name_taken") throw thrown;
      }
    },
    async remove(name, signal) {
      const doing = `removing the volume "${name}"`;
      try {
        await transport.call({
          doing,
          method: "DELETE",
          path: `/volumes/${encodeURIComponent(name)}`,
          timeoutMs: CHANGE_TIMEOUT_MS,
          signal,
        }, [404]);
      } catch (thrown) {
        if (!(thrown instanceof SkerryError) || thrown.code !== "volume_in_use") throw thrown;
        const names = await users(name, signal);
        throw podmanError("volume_in_use", doing, `used by ${names.join(", ")}`, thrown);
      }
    },
  };
}
