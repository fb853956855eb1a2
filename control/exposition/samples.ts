/** What the control plane tells Prometheus, from what it shows people too. */
import type { FamilyName, Sample } from "../../shared/metrics/families.ts";
import { certificatesView } from "../api/certificates.ts";
import {
  containerView,
  nodeViews,
  projectViews,
  serviceViews,
  shownDeployments,
} from "../api/views.ts";
import type { Context } from "../context.ts";

const SECOND_MS = 1_000;

function one(name: FamilyName, labels: Sample["labels"], value: number | boolean): Sample {
  return { name, labels, value: Number(value) };
}

async function certificateSamples(context: Context): Promise<Sample[]> {
  const name = "skerry_certificate_expiry_timestamp_seconds";
  const { authority, own, uploaded } = await certificatesView(context);
  return Object.entries({ authority, own, uploaded }).flatMap(([certificate, view]) =>
    view === null ? [] : [one(name, { certificate }, view.notAfter / SECOND_MS)]
  );
}

export async function controlSamples(context: Context): Promise<readonly Sample[]> {
  return [
    ...nodeViews(context).flatMap(({ name: node, online, lastReportAt }) => [
      one("skerry_node_online", { node }, online),
      one("skerry_node_last_report_timestamp_seconds", { node }, (lastReportAt ?? 0) / SECOND_MS),
    ]),
    ...projectViews(context).filter(({ deleted }) => !deleted).map(({ name, releaseState }) =>
      one("skerry_project_release_state", { project: name, state: releaseState ?? "none" }, 1)
    ),
    ...serviceViews(context, "localhost").flatMap(({ project, name: service, slots, health }) => [
      one("skerry_service_slots_wanted", { project, service }, slots.wanted),
      one("skerry_service_slots_running", { project, service }, slots.running),
      one("skerry_service_healthy", { project, service }, health === "healthy"),
    ]),
    ...shownDeployments(context).map((each) => containerView(each))
      .filter(({ want, kind }) => want === "run" && kind === "service")
      .map(({ project, service, slot, restarts }) =>
        one("skerry_container_restarts_total", { project, service, slot: String(slot) }, restarts)
      ),
    ...await certificateSamples(context).catch(() => []),
  ];
}
