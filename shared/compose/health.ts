/** `healthcheck` of a service. */
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import type { ComposeHealthcheck } from "./model.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";

function readTest(reading: Reading): Read<string[]> {
  const { problems, scalars } = reading;
  return (node, label) => {
    if (node.kind === "scalar" && typeof node.value === "string") {
      if (node.value !== "") return ["CMD-SHELL", node.value];
      problems.report(
        node.at,
        "healthcheck",
        "the test is empty",
        "write a command, or disable: true",
      );
      return undefined;
    }
    const test = scalars.texts(node, label);
    if (test === undefined || test.length === 0) return test;
    const [how, command] = test;
    if (how !== "CMD" && how !== "CMD-SHELL" && how !== "NONE") {
      problems.report(
        node.at,
        "healthcheck",
        `a test begins with "CMD", "CMD-SHELL" or "NONE", not ${JSON.stringify(how)}`,
        'write ["CMD", "program", "argument"]',
      );
      return undefined;
    }
    if (how !== "NONE" && (command === undefined || command === "")) {
      problems.report(
        node.at,
        "healthcheck",
        `a test of "${how}" alone runs nothing`,
        "write the command after it",
      );
      return undefined;
    }
    return test;
  };
}

/** A service's own check, as written. */
export function readHealthcheck(reading: Reading): Read<ComposeHealthcheck> {
  const { problems, scalars } = reading;
  return (node, label) => {
    if (node.kind !== "map") {
      problems.report(
        node.at,
        "type",
        `"${label}" is to be a mapping, this is ${describeNode(node)}`,
        "write test, interval, timeout and retries below it",
      );
      return undefined;
    }
    const check: ComposeHealthcheck = {};
    const take = takeFrom(fieldsOf(node, "services.*.healthcheck", problems), problems);
    take("test", readTest(reading), (value) => {
      if (value.length > 0) check.test = value;
    });
    take("interval", scalars.duration, (value) => check.interval = value);
    take("timeout", scalars.duration, (value) => check.timeout = value);
    take("retries", scalars.count, (value) => check.retries = value);
    take("start_period", scalars.duration, (value) => check.start_period = value);
    take("start_interval", scalars.duration, (value) => check.start_interval = value);
    take("disable", scalars.boolean, (value) => {
      if (value) check.disable = true;
    });
    return check;
  };
}
