/** Operations on image registries; a part of ENDPOINTS. */
import { z } from "zod";
import { RegistryHost, RegistryLogin } from "../model/registry.ts";
import { endpoint } from "./endpoint.ts";
import { LIMITS } from "./limits.ts";
import { paging } from "./page.ts";
import { LoginAnswer, RegistryList, RegistrySetting, RegistryView } from "./registries.ts";

const none = z.object({});
const ofRegistry = z.object({ host: RegistryHost });

export const REGISTRY_ENDPOINTS = {
  registries: endpoint({
    method: "GET",
    path: "/api/v1/registries",
    scope: "read",
    object: "global",
    summary: "Image registries: how they are reached and as whom",
    params: none,
    query: z.object(paging),
    body: null,
    answer: { status: 200, json: RegistryList },
  }),
  putRegistry: endpoint({
    method: "PUT",
    path: "/api/v1/registries/{host}",
    scope: "registries",
    object: "global",
    summary: "How a registry is reached: plain http, mirrors. A login of it stays",
    params: ofRegistry,
    query: none,
    body: { json: RegistrySetting, limitBytes: LIMITS.jsonBytes },
    answer: { status: 200, json: RegistryView },
    conditional: true,
  }),
  deleteRegistry: endpoint({
    method: "DELETE",
    path: "/api/v1/registries/{host}",
    scope: "registries",
    object: "global",
    summary: "Forgets a registry: how it is reached, and its login",
    params: ofRegistry,
    query: none,
    body: null,
    answer: { status: 204, json: null },
  }),
  putRegistryLogin: endpoint({
    method: "PUT",
    path: "/api/v1/registries/{host}/login",
    scope: "registries",
    object: "global",
    summary: "Logs the node in to a registry (the raw body is the password), tried there before",
    params: ofRegistry,
    query: z.object({
      username: RegistryLogin.shape.username,
      check: z.enum(["true", "false"]).exactOptional(),
    }),
    body: { raw: "application/octet-stream", limitBytes: LIMITS.passwordBytes },
    answer: { status: 200, json: LoginAnswer },
  }),
  deleteRegistryLogin: endpoint({
    method: "DELETE",
    path: "/api/v1/registries/{host}/login",
    scope: "registries",
    object: "global",
    summary: "Forgets the login at a registry",
    params: ofRegistry,
    query: none,
    body: null,
    answer: { status: 204, json: null },
  }),
} as const;
