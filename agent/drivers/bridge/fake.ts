/** A bridge in memory, with the promises of the real driver. */
import { type Bridge, type BridgeWanted, isPortSetting } from "./driver.ts";
import { dottedName, settingsFor } from "./settings.ts";

export interface FakeBridge extends Bridge {
  /** Another hand takes the bridge away. */
  vanish(name: string): void;
  /** Another hand changes a setting (dotted name), or a container without hairpin comes (`hairpin of …`). */
  spoil(name: string, setting: string): void;
}

/** A fake with nothing on it. */
export function createFakeBridge(): FakeBridge {
  const bridges = new Map<string, { wanted: BridgeWanted; spoilt: Set<string> }>();
  return {
    async observe(wanted) {
      const held = bridges.get(wanted.name);
      if (held === undefined) {
        return { exists: false, gatewayAssigned: false, carrier: false, wrongSettings: [] };
      }
      const values = new Map(settingsFor(held.wanted).map(({ path, value }) => [path, value]));
      const wrong = settingsFor(wanted)
        .filter(({ path, value }) =>
          values.get(path) !== value || held.spoilt.has(dottedName(path))
        )
        .map(({ path }) => dottedName(path));
      wrong.push(...[...held.spoilt].filter(isPortSetting));
      return {
        exists: true,
        gatewayAssigned: held.wanted.gateway === wanted.gateway &&
          held.wanted.prefixLength === wanted.prefixLength,
        carrier: true,
        wrongSettings: wrong.sort(),
      };
    },
    async ensure(wanted, signal) {
      signal?.throwIfAborted();
      bridges.set(wanted.name, { wanted, spoilt: new Set() });
    },
    async remove(name) {
      bridges.delete(name);
    },
    vanish(name) {
      bridges.delete(name);
    },
    spoil(name, setting) {
      bridges.get(name)?.spoilt.add(setting);
    },
  };
}
