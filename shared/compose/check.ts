/** What only the whole model can tell: names that stand nowhere, ports that two want. */
import type { ComposeModel } from "./model.ts";
import { type Problems, quoted } from "./problem.ts";
import type { Publication, Reference } from "./reading.ts";
import { nearest } from "./suggest.ts";

const NOUNS = {
  networks: "network",
  volumes: "volume",
  secrets: "secret",
  configs: "config",
} as const;

/** Reports networks, volumes, secrets and configs that are used and stand nowhere. */
export function checkReferences(
  references: readonly Reference[],
  model: Pick<ComposeModel, Reference["kind"]>,
  problems: Problems,
): void {
  for (const { kind, name, at, service } of references) {
    const known = model[kind];
    if (Object.hasOwn(known, name) || kind === "networks" && name === "default") continue;
    const guess = nearest(name, Object.keys(known));
    const folder = kind === "volumes" && name.includes("/");
    problems.report(
      at,
      `unknown-${NOUNS[kind]}`,
      `the service "${service}" uses the ${NOUNS[kind]} ${quoted(name)}, which does not exist`,
      guess !== null
        ? `did you mean "${guess}"?`
        : folder
        ? `write ${quoted(`./${name}`)} where it is a folder`
        : `write it under "${kind}" at the top level`,
    );
  }
}

const anyAddress = (ip: string | undefined) => ip === undefined || ip === "0.0.0.0";

/** Reports a port of the host that two want, or several replicas of one. */
export function checkPublications(
  publications: readonly Publication[],
  replicas: (service: string) => number,
  problems: Problems,
): void {
  const byPort = new Map<string, Publication[]>();
  for (const want of publications) {
    const key = `${want.published}/${want.protocol}`;
    const others = byPort.get(key) ?? [];
    const clash = others.find((other) =>
      anyAddress(other.hostIp) || anyAddress(want.hostIp) || other.hostIp === want.hostIp
    );
    if (clash !== undefined) {
      problems.report(
        want.at,
        "port-clash",
        `the host's port ${key} of "${want.service}" is already published by "${clash.service}" (line ${clash.at.line})`,
        "publish one of them on another port",
      );
    }
    others.push(want);
    byPort.set(key, others);
    if (replicas(want.service) > 1) {
      problems.report(
        want.at,
        "port-replicas",
        `the host's port ${key} cannot lead to the ${
          replicas(want.service)
        } replicas of "${want.service}"`,
        "write x-skerry.routes instead of ports, or one replica",
      );
    }
  }
}
