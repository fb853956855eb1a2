/** Keys about logs, images and other names whose values decide whether they can be carried out. */
import { type Entry, isNull } from "./tree.ts";
import { fieldsOf, type Take } from "./fields.ts";
import type { ComposeService } from "./model.ts";
import { nameFault } from "./names.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";

/** Drivers that keep logs on the box, as Skerry does. */
const LOCAL_DRIVERS = new Set(["", "json-file", "local", "journald", "k8s-file", "none"]);

/** `logging`: where logs stay on the box nothing changes; elsewhere they are not sent. */
export function readLogging(reading: Reading, entry: Entry | undefined): void {
  if (entry === undefined || isNull(entry.value)) return;
  const { problems } = reading;
  if (entry.value.kind !== "map") {
    problems.report(
      entry.value.at,
      "type",
      '"logging" is to be a mapping',
      "write driver below it",
    );
    return;
  }
  const driver = fieldsOf(entry.value, "services.*.logging", problems).get("driver")?.value;
  const name = driver?.kind === "scalar" ? String(driver.value ?? "") : "";
  if (LOCAL_DRIVERS.has(name)) {
    problems.note(
      entry.keyAt,
      "ignored-key",
      '"logging" changes nothing here: logs are kept within a budget of bytes; `skerry logs` shows them',
    );
    return;
  }
  problems.report(
    driver?.at ?? entry.keyAt,
    "not-carried-out",
    `logs are not sent on by the driver ${quoted(name)}`,
    "leave logging out, and let a collector read `skerry logs` or run beside the service",
  );
}

/** `container_name`, `links`, `platform`, `pull_policy` and `profiles`. */
export function readIdentity(reading: Reading, take: Take, service: ComposeService): void {
  const { scalars, problems } = reading;
  take("container_name", (node, label) => {
    const name = scalars.text(node, label);
    if (name === undefined || nameFault(name) === null) return name;
    problems.report(
      node.at,
      "name",
      `${quoted(name)} cannot be a name of a container`,
      'write letters, digits, "-", "_" and dots, at most 63',
    );
    return undefined;
  }, (value) => service.container_name = value);
  take("links", (node, label) => {
    const links = scalars.texts(node, label);
    for (const link of links ?? []) {
      const alias = link.split(":")[1];
      if (alias === undefined || nameFault(alias) === null) continue;
      problems.report(node.at, "name", `${quoted(link)} is no link`, 'write "SERVICE:ALIAS"');
    }
    return links;
  }, (value) => {
    if (value.length > 0) service.links = value;
  });
  take(
    "platform",
    scalars.matching(/^linux(\/[a-z0-9_]+(\/v\d+)?)?$/, "write linux/amd64 or linux/arm64"),
    (value) => service.platform = value,
  );
  take(
    "pull_policy",
    scalars.matching(
      /^(always|missing|if_not_present|never|build|daily|weekly|every_(\d+[wdhms])+)$/,
      "write always, missing, never or build",
    ),
    (value) => service.pull_policy = value === "if_not_present" ? "missing" : value,
  );
  take("profiles", scalars.texts, (value) => {
    if (value.length > 0) service.profiles = value;
  });
}
