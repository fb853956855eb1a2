/**
 * What the node was told of image registries, opened: logins are sealed to the node in the intent
 * and on the disk, and in clear text in this memory alone.
 */
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import { RegistryLogin } from "../../shared/model/registry.ts";
import type { Desired } from "../reconcile/world.ts";
import type { KnownRegistries, RegistrySettings } from "../drivers/podman/registries.ts";

export interface Registries {
  readonly known: KnownRegistries;
  /** True: something is other than before. */
  configure(wanted: Desired["registries"]): boolean;
}

export interface RegistriesDeps {
  unseal(sealed: string): Uint8Array;
  readonly log: Log;
}

export function createRegistries(deps: RegistriesDeps): Registries {
  let known: readonly RegistrySettings[] = [];
  let told = "[]";

  function open(host: string, sealed: string): RegistryLogin | null {
    try {
      return RegistryLogin.parse(JSON.parse(new TextDecoder().decode(deps.unseal(sealed))));
    } catch (thrown) {
      // A schema's words name fields, never values; those of JSON would quote the text.
      const reason = thrown instanceof SyntaxError ? "it is no JSON" : messageOf(thrown);
      deps.log.error("a registry's login cannot be opened", { host, reason });
      return null;
    }
  }

  return {
    known: () => known,
    configure(wanted) {
      const text = JSON.stringify(wanted);
      if (text === told) return false;
      told = text;
      known = wanted.map(({ host, plainHttp, mirrors, login }) => ({
        host,
        plainHttp,
        mirrors: [...mirrors],
        login: login === null ? null : open(host, login.sealed),
      }));
      return true;
    },
  };
}
