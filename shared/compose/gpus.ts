/** GPUs: `gpus` of a service, and the devices that its `deploy.resources` reserves. */
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import type { ComposeGpu } from "./model.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";
import type { Node } from "./tree.ts";

const ALL = -1;
/** What a device's name may be made of: a number, an UUID, or a whole name of CDI. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.:\/=-]{0,255}$/;
const CDI = /^[a-z0-9.-]+\/[A-Za-z0-9_.-]+=[A-Za-z0-9_.:-]+$/;

function readCount(reading: Reading): Read<number> {
  return (node, label) => {
    if (node.kind === "scalar" && node.value === "all") return ALL;
    if (node.kind === "scalar" && node.value === ALL) return ALL;
    return reading.scalars.count(node, label);
  };
}

function readGpu(reading: Reading, node: Node, path: string): ComposeGpu | undefined {
  const { problems, scalars } = reading;
  if (node.kind !== "map") {
    problems.report(
      node.at,
      "type",
      `a GPU is to be a mapping, this is ${describeNode(node)}`,
      "write - count: all",
    );
    return undefined;
  }
  const take = takeFrom(fieldsOf(node, `${path}[]`, problems), problems);
  const gpu: ComposeGpu = {};
  take("driver", (at, label) => {
    const driver = scalars.text(at, label);
    if (driver === undefined || ["", "nvidia", "cdi"].includes(driver)) return driver;
    problems.report(
      at.at,
      "not-carried-out",
      `devices of the driver ${quoted(driver)} are not carried out`,
      "write nvidia, or cdi with the devices' whole names as device_ids",
    );
    return undefined;
  }, (value) => gpu.driver = value);
  take("count", readCount(reading), (value) => gpu.count = value);
  take("device_ids", scalars.texts, (value) => gpu.device_ids = value);
  take("capabilities", scalars.texts, (value) => gpu.capabilities = value);
  const form = gpu.driver === "cdi" ? CDI : ID;
  for (const id of gpu.device_ids ?? []) {
    if (form.test(id)) continue;
    const remedy = gpu.driver === "cdi" ? 'write "vendor.com/class=name"' : 'write "0"';
    problems.report(node.at, "value", `${quoted(id)} cannot be the id of a device`, remedy);
  }
  if (gpu.count !== undefined && gpu.device_ids !== undefined) {
    problems.report(
      node.at,
      "value",
      '"count" and "device_ids" do not go together',
      "keep one of them",
    );
  }
  const other = gpu.capabilities?.find((each) =>
    !["gpu", "nvidia", "compute", "utility", "video", "graphics", "display"].includes(each)
  );
  if (other !== undefined && gpu.driver !== "cdi") {
    problems.report(
      node.at,
      "not-carried-out",
      `a device with the capability ${quoted(other)} is not carried out`,
      "write gpu",
    );
  }
  return gpu;
}

/** `all`, or a list. `path` is where it stands, as key_path.ts has it. */
export function readGpus(reading: Reading, path: string): Read<ComposeGpu[]> {
  return (node, label) => {
    if (node.kind === "scalar" && node.value === "all") return [{ count: ALL }];
    if (node.kind === "list") {
      return node.items.map((item) => readGpu(reading, item, path))
        .filter((gpu) => gpu !== undefined);
    }
    reading.problems.report(
      node.at,
      "type",
      `"${label}" is to be a list, this is ${describeNode(node)}`,
      "write - count: all",
    );
    return undefined;
  };
}

/** The names by which the container engine finds them (CDI). A number of GPUs are the first ones. */
export function cdiNames(gpus: readonly ComposeGpu[]): string[] {
  const names = gpus.flatMap(({ driver, count, device_ids: ids }) => {
    if (ids !== undefined) return driver === "cdi" ? ids : ids.map((id) => `nvidia.com/gpu=${id}`);
    if (count === undefined || count === ALL) return ["nvidia.com/gpu=all"];
    return Array.from({ length: Math.min(count, 64) }, (_, index) => `nvidia.com/gpu=${index}`);
  });
  return [...new Set(names)];
}
