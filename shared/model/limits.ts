/** The limits of a container: as they are wished, and as the kernel has them. Pure. */
import { z } from "zod";
import type { ServiceSpec } from "./service_spec.ts";

/** What the kernel holds a container's processes to; null: nothing. */
export const KernelLimits = z.strictObject({
  memoryBytes: z.int().nullable(),
  cpus: z.number().nullable(),
  pids: z.int().nullable(),
  /** Of the main process, by the names that Compose gives them, sorted; -1: none. */
  ulimits: z.array(z.strictObject({ name: z.string(), soft: z.int(), hard: z.int() })),
});
export type KernelLimits = z.infer<typeof KernelLimits>;

/** One limit of a container, for people. */
export const ComparedLimit = z.strictObject({
  /** `memory`, `cpus`, `pids`, or a ulimit such as `nofile`. */
  name: z.string(),
  /** null: nobody asked for one. */
  wished: z.string().nullable(),
  /** null: not known, because it does not run. */
  kernel: z.string().nullable(),
  differs: z.boolean(),
});
export type ComparedLimit = z.infer<typeof ComparedLimit>;

export type WishedLimits = Pick<ServiceSpec, "resources" | "ulimits">;

/** The kernel rounds memory to whole pages, which have 64 KiB at most. */
const PAGE_BYTES = 65_536;
/** The kernel counts a quota in microseconds of a period. */
const CPU_STEP = 0.005;
const NONE = "none";

/** Every limit that is wished or that the kernel has, ulimits only where they are wished. */
export function compareLimits(
  { resources, ulimits }: WishedLimits,
  kernel: KernelLimits | null,
): readonly ComparedLimit[] {
  const compared: ComparedLimit[] = [];
  const add = (
    name: string,
    wished: number | undefined,
    has: number | null | undefined,
    text: (value: number) => string,
    near: number,
  ) => {
    // -1: as much as there is.
    const asked = wished === undefined || wished < 0 ? null : wished;
    if (wished === undefined && (has ?? null) === null) return;
    compared.push({
      name,
      wished: wished === undefined ? null : asked === null ? NONE : text(asked),
      kernel: has === undefined ? null : has === null ? NONE : text(has),
      differs: wished !== undefined && has !== undefined &&
        (asked === null || has === null ? asked !== has : Math.abs(asked - has) > near),
    });
  };
  const { memoryBytes, cpus, pids } = resources;
  add("memory", memoryBytes, kernel?.memoryBytes, bytesText, PAGE_BYTES);
  add("cpus", cpus, kernel?.cpus, (value) => String(Math.round(value * 1000) / 1000), CPU_STEP);
  add("pids", pids, kernel?.pids, String, 0);
  for (const { name, soft, hard } of ulimits) {
    const key = ulimitName(name);
    const has = kernel?.ulimits.find((each) => each.name === key);
    compared.push({
      name: key,
      wished: pairText({ soft, hard }),
      kernel: has === undefined ? null : pairText(has),
      differs: has !== undefined && ulimitDiffers({ soft, hard }, has),
    });
  }
  return compared;
}

/** What differs, in one sentence; null: nothing. */
export function limitsSentence(compared: readonly ComparedLimit[]): string | null {
  const off = compared.filter(({ differs }) => differs);
  if (off.length === 0) return null;
  return off.map(({ name, wished, kernel }) => `${name} ${wished} (kernel: ${kernel})`).join(", ");
}

/** `RLIMIT_NOFILE` and `nofile` are one. */
export function ulimitName(name: string): string {
  return name.toLowerCase().replace(/^rlimit_/, "");
}

interface Pair {
  readonly soft: number;
  readonly hard: number;
}

/**
 * A program may move its own soft limit, and mostly raises it to the hard one; it does not lower the
 * hard one, which it could not take back. A wish for no limit is what the host allows.
 */
function ulimitDiffers(wished: Pair, has: Pair): boolean {
  if (wished.hard >= 0 && wished.hard !== has.hard) return true;
  return wished.soft >= 0 && has.soft !== has.hard &&
    (has.soft < 0 || has.soft > wished.soft);
}

function pairText({ soft, hard }: Pair): string {
  const text = (value: number) => value < 0 ? NONE : String(value);
  return soft === hard ? text(soft) : `${text(soft)} to ${text(hard)}`;
}

function bytesText(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1
    ? `${Math.round(bytes / 1024)} KiB`
    : `${Math.round(mebibytes * 10) / 10} MiB`;
}
