/** `post_start` and `pre_stop` of a service: commands that run in its container beside its own. */
import { readCommand } from "./command.ts";
import { readPairs, sortedRecord } from "./environment.ts";
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import type { ComposeHook } from "./model.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";
import type { Node } from "./tree.ts";

const USER = /^[^\s:]+(:[^\s:]+)?$/;

function readHook(reading: Reading, node: Node, label: string): ComposeHook | undefined {
  const { problems, scalars } = reading;
  if (node.kind !== "map") {
    problems.report(
      node.at,
      "type",
      `an entry of "${label}" is to be a mapping, this is ${describeNode(node)}`,
      "write - command: [...]",
    );
    return undefined;
  }
  const take = takeFrom(fieldsOf(node, `services.*.${label}[]`, problems), problems);
  const command = take("command", readCommand(reading));
  if (command === undefined || command.length === 0) {
    if (!node.entries.has("command") || command !== undefined) {
      problems.report(node.at, "missing-key", `this hook has no "command"`, "write command: [...]");
    }
    return undefined;
  }
  const hook: ComposeHook = { command };
  take("user", scalars.matching(USER, 'write a name or a number, such as "1000"'), (value) => {
    hook.user = value;
  });
  take("privileged", scalars.boolean, (value) => {
    if (value) hook.privileged = true;
  });
  take("working_dir", scalars.text, (value) => hook.working_dir = value);
  take("environment", readPairs(reading), (value) => {
    if (value.size > 0) hook.environment = sortedRecord(value);
  });
  return hook;
}

/** The hooks in their order. */
export function readHooks(reading: Reading): Read<ComposeHook[]> {
  return (node, label) => {
    if (node.kind === "list") {
      return node.items.map((item) => readHook(reading, item, label))
        .filter((hook) => hook !== undefined);
    }
    reading.problems.report(
      node.at,
      "type",
      `"${label}" is to be a list, this is ${describeNode(node)}`,
      "write - command: [...]",
    );
    return undefined;
  };
}
