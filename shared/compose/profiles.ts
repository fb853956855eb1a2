/** `profiles`: services that are there only when one of theirs is on. */
import type { ComposeModel } from "./model.ts";
import type { Place, Problems } from "./problem.ts";
import { sharedService } from "./shared_namespaces.ts";

/** Where a dependency on a service that is off may be, the service is simply not waited for. */
export function withProfiles(
  model: ComposeModel,
  profiles: ReadonlySet<string>,
  at: Place,
  problems: Problems,
): ComposeModel {
  if (profiles.has("*")) return model;
  const isOn = (name: string) => {
    const own = model.services[name]?.profiles ?? [];
    return own.length === 0 || own.some((profile) => profiles.has(profile));
  };
  const off = new Set(Object.keys(model.services).filter((name) => !isOn(name)));
  if (off.size === 0) return model;
  const services = Object.entries(model.services).filter(([name]) => !off.has(name))
    .map(([name, service]): [string, typeof service] => {
      const { depends_on: dependsOn, ...rest } = service;
      const { network_mode, ipc, pid } = service;
      for (const host of [network_mode, ipc, pid].map(sharedService)) {
        const waits = host !== null && dependsOn?.[host]?.required === false;
        if (waits && off.has(host)) reportOff(model, name, host, at, problems);
      }
      if (dependsOn === undefined) return [name, service];
      const kept = Object.entries(dependsOn).filter(([on, { required }]) => {
        if (!off.has(on)) return true;
        if (required) reportOff(model, name, on, at, problems);
        return false;
      });
      return [name, kept.length === 0 ? rest : { ...rest, depends_on: Object.fromEntries(kept) }];
    });
  const networks = { ...model.networks };
  const isUsed = services.some(([, { networks: used }]) => Object.hasOwn(used, "default"));
  // Without a service on it nobody wrote it down: it came with a service that is off.
  if (!isUsed && networks["default"]?.name === `${model.name}_default`) delete networks["default"];
  return { ...model, services: Object.fromEntries(services), networks };
}

function reportOff(
  model: ComposeModel,
  name: string,
  on: string,
  at: Place,
  problems: Problems,
): void {
  const profiles = model.services[on]?.profiles ?? [];
  problems.report(
    at,
    "profile",
    `the service "${name}" depends on "${on}", whose profiles (${profiles.join(", ")}) are not on`,
    `write --profile ${profiles[0] ?? "NAME"}, or required: false at the dependency`,
  );
}
