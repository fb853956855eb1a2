/** A stored part with single values changed. Pure. */
import type { Edit, EditableService } from "../../shared/api/edits.ts";
import type { ComposePart } from "../../shared/api/release.ts";
import { type ComposeModel, type ComposeService, replicasOf } from "../../shared/compose/model.ts";
import { ServiceName } from "../../shared/model/service_spec.ts";
import { cronFault } from "../../shared/schedule/cron.ts";
import { type Fault, Refused } from "./fault.ts";
import { ownValue } from "../../shared/own_value.ts";

/** Throws {@link Refused} with all that cannot be edited so. */
export function withEdits(part: ComposePart, edits: readonly Edit[]): ComposePart {
  const faults: Fault[] = [];
  const services: ComposeModel["services"] = { ...part.model.services };
  for (const edit of edits) {
    const before = ownValue(services, edit.service);
    if (before === undefined) {
      faults.push({
        code: "service_unknown",
        detail: `project "${part.model.name}" has no service "${edit.service}"`,
        remedy: `It has: ${Object.keys(services).sort().join(", ")}.`,
      });
      continue;
    }
    const edited = editService(edit.service, before, edit);
    if ("code" in edited) faults.push(edited);
    else services[edit.service] = edited.service;
  }
  if (faults.length > 0) throw new Refused(422, faults);
  return { ...part, model: { ...part.model, services } };
}

function editService(
  name: string,
  service: ComposeService,
  edit: Edit,
): { readonly service: ComposeService } | Fault {
  switch (edit.kind) {
    case "image":
      if (service.build === undefined) return { service: { ...service, image: edit.image } };
      return {
        code: "built_image",
        detail: `the image of "${name}" is built from sources, so it cannot be "${edit.image}"`,
        remedy: "Change the sources and run `skerry apply` where they are.",
      };
    case "replicas": {
      const { scale: _scale, ...rest } = service;
      return { service: { ...rest, deploy: { ...service.deploy, replicas: edit.replicas } } };
    }
    case "variable": {
      const { [edit.name]: _old, ...others } = service.environment ?? {};
      const environment = edit.value === null ? others : { ...others, [edit.name]: edit.value };
      return { service: { ...service, environment } };
    }
    case "schedule": {
      const own = service["x-skerry"];
      if (own?.schedule === undefined) {
        return {
          code: "not_scheduled",
          detail: `service "${name}" does not run by the clock`,
          remedy: "Write x-skerry.schedule into its compose file and apply that.",
        };
      }
      const fault = cronFault(edit.cron);
      if (fault !== null) {
        return {
          code: "schedule_invalid",
          detail: `the schedule "${edit.cron}" cannot be carried out: ${fault}`,
          remedy: 'Write minute, hour, day, month and weekday, such as "0 3 * * *".',
        };
      }
      const schedule = { ...own.schedule, cron: edit.cron };
      return { service: { ...service, "x-skerry": { ...own, schedule } } };
    }
    case "restart":
      return notRestartable(name, service) ?? { service };
  }
}

function notRestartable(name: string, service: ComposeService): Fault | null {
  if (service["x-skerry"]?.schedule !== undefined) {
    return {
      code: "runs_by_clock",
      detail: `service "${name}" has no container between its runs`,
      remedy: `\`skerry job run ${name}\` runs it now.`,
    };
  }
  return replicasOf(service) > 0 ? null : {
    code: "no_replicas",
    detail: `service "${name}" has no containers: it is scaled to 0`,
    remedy: `\`skerry scale ${name}=1\` starts one.`,
  };
}

/** What can be edited, sorted by service. */
export function editableServices(part: ComposePart): EditableService[] {
  return Object.entries(part.model.services).map(([name, service]) => ({
    service: ServiceName.parse(name),
    image: service.build === undefined ? service.image ?? null : null,
    replicas: replicasOf(service),
    variables: Object.keys(service.environment ?? {}).sort(),
    cron: service["x-skerry"]?.schedule?.cron ?? null,
  })).sort((a, b) => (a.service < b.service ? -1 : 1));
}
