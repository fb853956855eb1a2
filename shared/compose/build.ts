/** `build` of a service. */
import { readStrings } from "./environment.ts";
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import type { ComposeBuild } from "./model.ts";
import { hostPath } from "./paths.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";

function readContext(reading: Reading): Read<string> {
  return (node, label) => {
    const text = reading.scalars.text(node, label);
    if (text === undefined) return undefined;
    if (/^(https?|git|ssh|oci|docker-image|service|target):|^git@|^github\.com\//.test(text)) {
      reading.problems.report(
        node.at,
        "build-context",
        `the context ${quoted(text)} is not carried out yet: only folders are built`,
        "fetch it first and write its folder",
      );
      return undefined;
    }
    return hostPath(reading, text === "" ? "." : text, node.at);
  };
}

/** Short (`build: ./folder`) or long; context and dockerfile filled in. */
export function readBuild(reading: Reading): Read<ComposeBuild> {
  const { problems, scalars } = reading;
  return (node, label) => {
    if (node.kind === "scalar") {
      const context = readContext(reading)(node, label);
      return context === undefined ? undefined : { context, dockerfile: "Dockerfile" };
    }
    if (node.kind === "list") {
      problems.report(
        node.at,
        "type",
        `"build" is to be a folder or a mapping, this is ${describeNode(node)}`,
        "write build: ./folder",
      );
      return undefined;
    }
    const build: ComposeBuild = {
      context: hostPath(reading, ".", node.at),
      dockerfile: "Dockerfile",
    };
    const take = takeFrom(fieldsOf(node, "services.*.build", problems), problems);
    take("context", readContext(reading), (value) => build.context = value);
    take("dockerfile", scalars.text, (value) => {
      if (value !== "") build.dockerfile = value;
    });
    take("args", readStrings(reading, reading.lookup), (value) => {
      if (Object.keys(value).length > 0) build.args = value;
    });
    take("target", scalars.text, (value) => build.target = value);
    take("no_cache", scalars.boolean, (value) => {
      if (value) build.no_cache = true;
    });
    take("pull", scalars.boolean, (value) => {
      if (value) build.pull = true;
    });
    return build;
  };
}
