/** The model as text, as `docker compose config` prints it. */
import { Document, isScalar, Scalar, visit } from "yaml";
import type { ComposeModel, ComposeService } from "./model.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

function escaped(value: Json | undefined): Json | undefined {
  if (typeof value === "string") return value.replaceAll("$", "$$$$");
  if (Array.isArray(value)) return value.map((item) => escaped(item) ?? null);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item)]));
}

function sortKeys(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => sortKeys(item) ?? null);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}

/** Without what only says again what is written elsewhere, or the default. */
function shownService(service: ComposeService): Json {
  const { scale, deploy, configs, volumes, networks, ...rest } = service;
  const shown: { [key: string]: Json | undefined } = { ...rest };
  const repeats = scale !== undefined &&
    Object.keys(deploy ?? {}).every((key) => key === "replicas");
  if (scale !== undefined) shown["scale"] = scale;
  if (deploy !== undefined && !repeats) shown["deploy"] = deploy;
  if (!isEmpty(networks)) shown["networks"] = networks;
  if (volumes !== undefined) {
    shown["volumes"] = volumes.map((mount) => {
      if (mount.type !== "volume" || mount.source !== "") return mount;
      const { source: _, ...nameless } = mount;
      return nameless;
    });
  }
  if (configs !== undefined) {
    shown["configs"] = configs.map(({ target, ...config }) =>
      target === `/${config.source}` ? { ...config } : { ...config, target }
    );
  }
  return shown;
}

function mapped<V>(record: Readonly<Record<string, V>>, show: (value: V) => Json): Json {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, show(value)]));
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}

/**
 * Text that reads as the same model again: a `$` is doubled. YAML leaves out what is empty, JSON
 * has sorted keys and ends without a newline.
 */
export function renderConfig(model: ComposeModel, format: "yaml" | "json"): string {
  const shown: { [key: string]: Json | undefined } = {
    name: model.name,
    services: mapped(model.services, shownService),
  };
  if (!isEmpty(model.networks)) shown["networks"] = mapped(model.networks, (one) => ({ ...one }));
  if (!isEmpty(model.volumes)) shown["volumes"] = mapped(model.volumes, (one) => ({ ...one }));
  if (!isEmpty(model.secrets)) shown["secrets"] = mapped(model.secrets, (one) => ({ ...one }));
  if (!isEmpty(model.configs)) shown["configs"] = mapped(model.configs, (one) => ({ ...one }));
  const safe = sortKeys(escaped(shown)) ?? null;
  if (format === "json") return JSON.stringify(safe, null, 2);
  const document = new Document(yamlView(safe), { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_, { key }) {
      // A key that only looks like a merge (a variable may be called so) is quoted.
      if (isScalar(key) && key.value === "<<") key.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** The project's name first; commands that are the image's own are not printed. */
function yamlView(safe: Json): Json {
  if (typeof safe !== "object" || safe === null || Array.isArray(safe)) return safe;
  const { name, services, ...rest } = safe;
  if (typeof services !== "object" || services === null || Array.isArray(services)) return safe;
  const shown = Object.entries(services).map(([key, service]): [string, Json] => {
    if (typeof service !== "object" || service === null || Array.isArray(service)) {
      return [key, null];
    }
    const kept = Object.entries(service).filter(([field, value]) =>
      value !== null || field !== "command" && field !== "entrypoint"
    );
    return [key, Object.fromEntries(kept)];
  });
  return { name, services: Object.fromEntries(shown), ...rest };
}
