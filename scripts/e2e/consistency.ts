/** Whether a box is exactly as the control plane says: every container once, with one address each. */
import { z } from "zod";
import type { ContainerView } from "../../shared/api/views.ts";
import type { Box } from "./box.ts";
import { overSocket } from "./socket_api.ts";

const Listed = z.array(
  z.object({
    Id: z.string(),
    State: z.string(),
    Names: z.array(z.string()),
    Labels: z.record(z.string(), z.string()).nullable(),
  }),
);
const Inspected = z.array(
  z.object({
    Id: z.string(),
    NetworkSettings: z.object({
      Networks: z.record(z.string(), z.object({ IPAddress: z.string() })).nullable(),
    }),
  }),
);

/** What `skerry get containers` shows; empty where skerry does not answer. */
export async function containersOf(box: Box, project: string): Promise<readonly ContainerView[]> {
  return await overSocket(box.layout, (api) => api.containers(project)).catch(() => []);
}

/**
 * What is not as it should be once everything has settled; empty: all is well. `wanted`: replicas
 * of each service of the project.
 */
export async function inconsistencies(
  box: Box,
  project: string,
  wanted: Readonly<Record<string, number>>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const views = await containersOf(box, project);
  const slots = views.map((view) => `${view.service}/${view.slot}`).sort();
  const due = Object.entries(wanted)
    .flatMap(([service, count]) =>
      Array.from({ length: count }, (_, index) => `${service}/${index + 1}`)
    ).sort();
  if (slots.join() !== due.join()) wrong.push(`skerry shows ${slots} instead of ${due}`);
  for (const view of views) {
    const what = `${view.service}/${view.slot}`;
    if (view.want !== "run" || view.stage !== "running") {
      wrong.push(`${what} is ${view.stage}, wanted ${view.want}: ${view.reason?.message ?? ""}`);
    }
  }
  const listed = Listed.parse(
    JSON.parse(await box.podman.must(["ps", "--all", "--format", "json"])),
  );
  const known = new Set(views.map((view) => view.container?.id));
  for (const { Id, Names, State } of listed) {
    if (!known.has(Id)) wrong.push(`Podman has ${Names} (${State}), which skerry does not show`);
    if (State !== "running") wrong.push(`${Names} is ${State}`);
  }
  if (listed.length !== due.length) {
    wrong.push(`Podman has ${listed.length} containers instead of ${due.length}`);
  }
  const addresses = new Map<string, string>();
  if (listed.length > 0) {
    const { code, stdout, stderr } = await box.podman.run([
      ...["inspect", ...listed.map(({ Id }) => Id)],
    ]);
    if (code !== 0) return [...wrong, `a container went meanwhile: ${stderr.trim()}`];
    for (const each of Inspected.parse(JSON.parse(stdout))) {
      for (const { IPAddress } of Object.values(each.NetworkSettings.Networks ?? {})) {
        // One that does not run has none; that it does not is told above.
        if (IPAddress === "") continue;
        const other = addresses.get(IPAddress);
        if (other !== undefined) wrong.push(`${each.Id} and ${other} both have ${IPAddress}`);
        addresses.set(IPAddress, each.Id);
      }
    }
  }
  for (const view of views) {
    for (const address of view.addresses) {
      if (addresses.get(address) !== view.container?.id) {
        wrong.push(`${view.service}/${view.slot} has not the address ${address} in Podman`);
      }
    }
  }
  return wrong;
}
