/**
 * The names that were published last, on disk: an agent that starts answers with them at once,
 * before it has looked at a single container, so that a restart is a gap of a moment only.
 */
import { readTextIfThere, writeFileAtomically } from "../../../shared/atomic_file.ts";
import { DnsConfig } from "../../loops/dns/config.ts";

export interface KeptNames {
  /** null: there are none, or they cannot be read. */
  load(): Promise<DnsConfig | null>;
  save(config: DnsConfig): Promise<void>;
}

export function createKeptNames(path: string): KeptNames {
  return {
    async load() {
      const text = await readTextIfThere(path);
      if (text === null) return null;
      try {
        return DnsConfig.parse(JSON.parse(text));
      } catch {
        return null;
      }
    },
    save: (config) => writeFileAtomically(path, JSON.stringify(config), 0o600),
  };
}
