/** systemd-resolved by `busctl`, and the interface by `ip`. */
import type { CommandResult, RunCommand } from "../../../shared/command.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { Resolved } from "./driver.ts";
import { isLed, type LinkState, parseLink, parseOwned } from "./parse.ts";
import { askLink, askOwned, tellLink } from "./render.ts";

/** Made by resolved when it first runs, and then left. */
const RUN_FOLDER = "/run/systemd/resolve";
/** Resolved passes over a link without an address; this one is reachable from the host alone. */
const ADDRESS = "127.83.75.1/32";

export interface ResolvedDeps {
  readonly run: RunCommand;
  /** Is there such a file or folder? */
  exists(path: string): Promise<boolean>;
}

/** Errors: `resolved_failed`, `resolved_output`, and those of the deps. */
export function createResolved({ run, exists }: ResolvedDeps): Resolved {
  const options = (signal?: AbortSignal) => (signal === undefined ? {} : { signal });

  async function must(argv: readonly string[], signal?: AbortSignal): Promise<CommandResult> {
    const result = await run(argv, options(signal));
    if (result.code === 0) return result;
    throw new SkerryError(
      "resolved_failed",
      `cannot lead the host's own programs to internal names: "${argv.join(" ")}" says: ${
        result.stderr.trim().slice(0, 300)
      }`,
      "`skerry doctor` says how to do it by hand",
    );
  }

  async function linkState(link: string, signal?: AbortSignal): Promise<LinkState | null> {
    const shown = await run(["ip", "-j", "address", "show", "dev", link], options(signal));
    return shown.code === 0 ? parseLink(shown.stdout) : null;
  }

  async function isRunning(signal?: AbortSignal): Promise<boolean> {
    // Most hosts are without it: there, no program is run.
    if (!(await exists(RUN_FOLDER))) return false;
    const asked = await run(askOwned(), options(signal));
    // Without a bus nobody hears of us.
    return asked.code === 0 && parseOwned(asked.stdout);
  }

  async function remove(link: string, signal?: AbortSignal): Promise<void> {
    const { code, stderr } = await run(["ip", "link", "delete", checked(link)], options(signal));
    if (code === 0 || /Cannot find device/.test(stderr)) return;
    throw new SkerryError(
      "resolved_failed",
      `cannot remove the interface "${link}": ${stderr.trim().slice(0, 300)}`,
    );
  }

  return {
    async observe(wanted, signal) {
      if (!(await isRunning(signal))) return { running: false };
      const link = await linkState(checked(wanted.link), signal);
      if (link === null || !link.usable) return { running: true, led: false };
      const known = await run(askLink(link.index), options(signal));
      // It has not heard of the link yet, or has just ended.
      return { running: true, led: known.code === 0 && isLed(known.stdout, wanted) };
    },

    async ensure(wanted, signal) {
      const { link } = wanted;
      const pair = `${checked(link)}p`;
      if (!(await linkState(link, signal))?.usable) {
        await remove(link, signal);
        // A pair has carrier of itself, and every kernel that runs containers has it.
        await must(["ip", "link", "add", link, "type", "veth", "peer", "name", pair], signal);
        for (const end of [pair, link]) {
          // Without an address of its own it speaks no IPv6.
          await must(["ip", "link", "set", end, "addrgenmode", "none"], signal);
        }
        // Of such a scope that the kernel never takes it as the source of what leaves the host.
        await must(["ip", "address", "add", ADDRESS, "dev", link, "scope", "site"], signal);
        for (const end of [pair, link]) await must(["ip", "link", "set", end, "up"], signal);
      }
      const made = await linkState(link, signal);
      if (made === null) throw new SkerryError("resolved_failed", `"${link}" was taken away again`);
      for (const argv of tellLink(made.index, wanted)) await must(argv, signal);
    },

    remove,
  };
}

function checked(link: string): string {
  if (/^[a-z][a-z0-9-]{0,12}$/.test(link)) return link;
  throw new SkerryError("resolved_failed", `not an interface's name: ${JSON.stringify(link)}`);
}
