/** The settings of this machine's kernel: files below /proc/sys. */
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import type { KernelSettings } from "./settings.ts";

/** Reads and writes /proc/sys itself. Errors: `kernel_setting`. */
export function createKernelSettings(): KernelSettings {
  return {
    async read(path) {
      try {
        return (await Deno.readTextFile(`/proc/sys/${path}`)).trim();
      } catch (thrown) {
        if (thrown instanceof Deno.errors.NotFound) return null;
        throw failed("read", path, thrown);
      }
    },
    async write(path, value) {
      try {
        await Deno.writeTextFile(`/proc/sys/${path}`, value, { create: false });
      } catch (thrown) {
        throw failed("write", path, thrown);
      }
    },
  };
}

function failed(what: string, path: string, thrown: unknown): SkerryError {
  return new SkerryError(
    "kernel_setting",
    `cannot ${what} the kernel setting "${path.replaceAll("/", ".")}": ${messageOf(thrown)}`,
    "run the agent as root, outside of a container",
    { cause: thrown },
  );
}
