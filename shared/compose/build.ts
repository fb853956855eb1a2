/** `build` of a service. */
import { readStrings } from "./environment.ts";
import { readExtraHosts } from "./extra_hosts.ts";
import { fieldsOf, type Read, type Take, takeFrom } from "./fields.ts";
import { readGitAddress } from "./git_address.ts";
import type { ComposeBuild } from "./model.ts";
import { hostPath } from "./paths.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";
import { readUlimits } from "./ulimits.ts";

function readContext(reading: Reading): Read<string> {
  return (node, label) => {
    const text = reading.scalars.text(node, label);
    if (text === undefined) return undefined;
    const git = readGitAddress(text);
    if (git.kind === "git") return text;
    if (git.kind === "wrong") {
      reading.problems.report(node.at, "build-context", git.message, git.remedy);
      return undefined;
    }
    if (/^(https?|git|ssh|oci|docker-image|service|target):|^git@|^github\.com\//.test(text)) {
      reading.problems.report(
        node.at,
        "build-context",
        `the context ${quoted(text)} is not carried out: folders and git repositories are built`,
        "fetch it first and write its folder, or write a git address that ends in .git",
      );
      return undefined;
    }
    return hostPath(reading, text === "" ? "." : text, node.at);
  };
}

const NETWORKS = ["host", "none", "default"] as const;

function readNetwork(reading: Reading): Read<typeof NETWORKS[number]> {
  return (node, label) => {
    const text = reading.scalars.text(node, label);
    const network = NETWORKS.find((one) => one === text);
    if (text === undefined || network !== undefined) return network;
    reading.problems.report(
      node.at,
      "not-carried-out",
      `a build on the network ${quoted(text)} is not carried out: services do not run yet`,
      "write none, or leave it out for the host's network",
    );
    return undefined;
  };
}

/** What the image is called and bears, and what its steps have, beside its files. */
function readSettings(reading: Reading, take: Take, build: ComposeBuild): void {
  const { problems, scalars } = reading;
  take("labels", readStrings(reading, () => ""), (value) => {
    if (Object.keys(value).length > 0) build.labels = value;
  });
  take("tags", (node, label) => {
    const tags = scalars.texts(node, label);
    for (const tag of tags ?? []) {
      if (/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,511}$/.test(tag)) continue;
      const remedy = 'write a name such as "example.com/app:1"';
      problems.report(node.at, "value", `${quoted(tag)} cannot be the name of an image`, remedy);
    }
    return tags;
  }, (value) => {
    if (value.length > 0) build.tags = value;
  });
  take("network", readNetwork(reading), (value) => build.network = value);
  take("extra_hosts", readExtraHosts(reading), (value) => {
    if (value.length > 0) build.extra_hosts = value;
  });
  take("shm_size", scalars.bytes, (value) => build.shm_size = value);
  take("ulimits", readUlimits(reading), (value) => {
    if (Object.keys(value).length > 0) build.ulimits = value;
  });
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
    const inline = take("dockerfile_inline", scalars.text);
    take("dockerfile", scalars.text, (value) => {
      if (value !== "") build.dockerfile = value;
      if (value === "" || inline === undefined) return;
      problems.report(
        node.at,
        "value",
        '"dockerfile" and "dockerfile_inline" do not go together',
        "keep one of them",
      );
    });
    if (inline !== undefined) {
      delete build.dockerfile;
      build.dockerfile_inline = inline;
    }
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
    readSettings(reading, take, build);
    return build;
  };
}
