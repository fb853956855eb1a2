/** `ulimits` of a service and of a build. */
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import type { ComposeService } from "./model.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";

type Ulimits = NonNullable<ComposeService["ulimits"]>;

/** Limits by their names, each one number or soft and hard. */
export function readUlimits(reading: Reading): Read<Ulimits> {
  const { problems, scalars } = reading;
  return (node, label) => {
    if (node.kind !== "map") {
      problems.report(
        node.at,
        "type",
        `"${label}" is to be a mapping`,
        "write nofile: 65536 below it",
      );
      return undefined;
    }
    const found: [string, Ulimits[string]][] = [];
    for (const [name, { keyAt, value }] of node.entries) {
      if (!/^[a-z]{1,20}$/.test(name)) {
        problems.report(
          keyAt,
          "ulimit",
          `${quoted(name)} is no limit`,
          "write a name such as nofile",
        );
      } else if (value.kind === "map") {
        const take = takeFrom(fieldsOf(value, "services.*.ulimits.*", problems), problems);
        const soft = take("soft", scalars.integer);
        const hard = take("hard", scalars.integer);
        for (const key of ["soft", "hard"]) {
          if (!value.entries.has(key)) {
            problems.report(
              value.at,
              "missing-key",
              `this limit has no "${key}"`,
              "write soft and hard",
            );
          }
        }
        if (soft !== undefined && hard !== undefined) found.push([name, { soft, hard }]);
      } else {
        const limit = scalars.integer(value, name);
        if (limit !== undefined) found.push([name, limit]);
      }
    }
    return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
}
