/** A route as people read it. */
import type { RouteDescription } from "../../shared/api/descriptions.ts";
import { reasonText } from "../output/words.ts";
import {
  eventSection,
  fieldLines,
  type Pen,
  slotColumns,
  tableSection,
  textOf,
  whySection,
} from "./sections.ts";

/** The text of a description. */
export function routeText(of: RouteDescription, pen: Pen): string {
  const { now, paint } = pen;
  const { route } = of;
  const state = route.live ? paint("good", "live") : paint("bad", "not live");
  return textOf([
    `${paint("strong", `${route.project}/${route.id}`)} (route): ${state}`,
    ...fieldLines([
      ["reached", route.urls.join(", ")],
      ["host", route.host ?? "any"],
      ["path", route.path],
      ["leads to", `${route.service}, port ${route.port}`],
      ["TLS", route.tls],
      ["allowed", of.allow.join(", ") || "everyone"],
      ["servers", route.servers.join(", ") || "none"],
    ]),
    ...whySection(pen, of.why, reasonText(route.reason) || undefined),
    ...tableSection(pen, "Containers", slotColumns(now), of.containers),
    ...eventSection(pen),
  ]);
}
