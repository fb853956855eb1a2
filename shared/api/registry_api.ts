/** The client's calls on image registries. */
import type { ApiCalls } from "./calls.ts";
import type { LoginAnswer, RegistrySetting, RegistryView } from "./registries.ts";
import { onlyIf } from "./sent.ts";
import { REGISTRY_ENDPOINTS } from "./registry_endpoints.ts";

export interface RegistryApi {
  registries(): Promise<readonly RegistryView[]>;
  /** @param etag of the registry as it was looked at: refused where it is another now */
  putRegistry(host: string, setting: RegistrySetting, etag?: string): Promise<RegistryView>;
  deleteRegistry(host: string): Promise<void>;
  /** @param check try it at the registry first */
  putRegistryLogin(
    host: string,
    login: { readonly username: string; readonly password: Uint8Array<ArrayBuffer> },
    check: boolean,
  ): Promise<LoginAnswer>;
  deleteRegistryLogin(host: string): Promise<void>;
}

/** @param whole as `json`, with all pages of a list */
export function registryApi(
  { json, nothing }: ApiCalls,
  whole: ApiCalls["json"],
): RegistryApi {
  const { registries, putRegistry, deleteRegistry, putRegistryLogin, deleteRegistryLogin } =
    REGISTRY_ENDPOINTS;
  return {
    registries: async () => (await whole(registries)).items,
    putRegistry: (host, setting, etag) =>
      json(putRegistry, {
        params: { host },
        headers: onlyIf(etag),
        body: JSON.stringify(setting),
        contentType: "application/json",
      }),
    deleteRegistry: (host) => nothing(deleteRegistry, { params: { host } }),
    putRegistryLogin: (host, { username, password }, check) =>
      json(putRegistryLogin, {
        params: { host },
        query: { username, check: String(check) },
        body: password,
        contentType: "application/octet-stream",
      }),
    deleteRegistryLogin: (host) => nothing(deleteRegistryLogin, { params: { host } }),
  };
}
