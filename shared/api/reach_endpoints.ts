/** Operations about names and the firewall; a part of ENDPOINTS. */
import { z } from "zod";
import { ProjectName, ServiceName } from "../model/service_spec.ts";
import { endpoint } from "./endpoint.ts";
import { FirewallView, NameAnswer, NameList } from "./reach.ts";

const none = z.object({});

export const REACH_ENDPOINTS = {
  names: endpoint({
    method: "GET",
    path: "/api/v1/names",
    scope: "read",
    object: "filtered",
    summary: "Which names services answer to, on which networks, and at which addresses",
    params: none,
    query: none,
    body: null,
    answer: { status: 200, json: NameList },
  }),
  nameAnswer: endpoint({
    method: "GET",
    path: "/api/v1/names/answer",
    scope: "read",
    object: "project_or_global",
    summary: "What the DNS server answers a service (?project and ?service), else the node itself",
    params: none,
    query: z.object({
      name: z.string().min(1).max(253),
      project: ProjectName.exactOptional(),
      service: ServiceName.exactOptional(),
    }),
    body: null,
    answer: { status: 200, json: NameAnswer },
  }),
  firewall: endpoint({
    method: "GET",
    path: "/api/v1/firewall",
    scope: "read",
    object: "filtered",
    summary: "Who may reach whom: networks with their members, and published ports",
    params: none,
    query: none,
    body: null,
    answer: { status: 200, json: FirewallView },
  }),
} as const;
