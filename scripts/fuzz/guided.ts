/**
 * Throws inputs at a target and keeps those that run blocks of our code which none did before: the
 * next ones are made from them. Blocks are counted a batch at a time; where a batch has reached
 * something new, its inputs are run again one by one to see which.
 */
import type { FuzzRun, FuzzTarget } from "../../shared/testing/fuzz_target.ts";
import { generator, mutated, type Pick } from "../../shared/testing/mutate.ts";
import type { Coverage } from "./coverage.ts";

export interface Failure {
  readonly input: string;
  readonly reason: string;
}

export interface Outcome {
  readonly runs: number;
  /** Inputs that were taken as good. */
  readonly taken: number;
  readonly failures: readonly Failure[];
  /** Of the slowest input. */
  readonly slowestMs: number;
  /** The inputs that reached something new, which the target does not begin with. */
  readonly found: readonly string[];
}

export interface GuidedOptions {
  readonly runs: number;
  readonly seed: number;
  /** What runs before have found. */
  readonly corpus: readonly string[];
  /** Asked before each batch: true ends the run before its time. */
  readonly isOver: () => boolean;
  /** null: inputs are made from the corpus alone. It is closed by its maker. */
  readonly coverage: Coverage | null;
  /** Asked before each batch: false from now on makes inputs of what was found, without counting. */
  readonly isGuided: (runs: number) => boolean;
  /** Called after each batch. */
  readonly onProgress: (runs: number, found: readonly string[]) => void;
}

/** Inputs are counted together in batches: small ones at first, larger ones as new finds get rare. */
const SMALLEST_BATCH = 200;
const LARGEST_BATCH = 6400;
/** Longer ones grow without end, since what is doubled is kept. */
const MAX_INPUT = 20_000;
const MAX_FAILURES = 10;

async function tryOne(
  run: FuzzRun,
  input: string,
): Promise<{ taken: boolean; reason: string | null }> {
  try {
    const taken = run.check(input);
    return { taken: typeof taken === "boolean" ? taken : await taken, reason: null };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown);
    return { taken: false, reason };
  }
}

/** Why an input fails, with the place: stacks are not taken while inputs are thrown, they cost much. */
async function withStack(run: FuzzRun, input: string): Promise<string | null> {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  try {
    return (await tryOne(run, input)).reason;
  } finally {
    Error.stackTraceLimit = before;
  }
}

/** The inputs of a batch that reach what was not reached before, found by halving it. */
async function newOnes(
  run: FuzzRun,
  coverage: Coverage,
  batch: readonly string[],
): Promise<string[]> {
  for (const input of batch) await tryOne(run, input);
  const [first] = batch;
  if (first !== undefined && batch.length === 1) return await coverage.grew() ? [first] : [];
  if (!await coverage.wouldGrow()) return [];
  const half = batch.length >> 1;
  const reaching = await newOnes(run, coverage, batch.slice(0, half));
  return [...reaching, ...await newOnes(run, coverage, batch.slice(half))];
}

/**
 * Of what was found the inputs that reach something which neither the target's own ones nor shorter
 * ones of them reach: what has become of no use makes runs slow, and the short ones are the fast ones.
 */
export async function distilled(
  target: FuzzTarget,
  corpus: readonly string[],
  coverage: Coverage,
): Promise<string[]> {
  await using run = await target.start();
  for (const input of target.corpus) await tryOne(run, input);
  await coverage.grew();
  const kept: string[] = [];
  for (const input of corpus.toSorted((a, b) => a.length - b.length)) {
    await tryOne(run, input);
    if (await coverage.grew()) kept.push(input);
  }
  return kept;
}

/** Runs so many inputs; stops early at ten failures. */
export async function runGuided(target: FuzzTarget, options: GuidedOptions): Promise<Outcome> {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return await throwInputs(target, options);
  } finally {
    Error.stackTraceLimit = before;
  }
}

/** The shortest of three: a change weighs more in it, and it is read sooner. */
function short(pick: Pick, inputs: readonly string[]): string {
  const any = () => inputs[pick(inputs.length)] ?? "";
  return [any(), any(), any()].reduce((best, one) => one.length < best.length ? one : best);
}

async function throwInputs(target: FuzzTarget, options: GuidedOptions): Promise<Outcome> {
  const { runs, seed, corpus, coverage } = options;
  await using run = await target.start();
  const inputs = [...target.corpus, ...corpus];
  const found: string[] = [];
  /** Those that are taken as good: what is made of them gets far more often. */
  const good: string[] = [];
  const failures: Failure[] = [];
  let takenCount = 0;
  let slowestMs = 0;
  let done = 0;
  const tell = async (input: string) => {
    const start = performance.now();
    const { taken: isTaken, reason } = await tryOne(run, input);
    slowestMs = Math.max(slowestMs, performance.now() - start);
    done++;
    if (isTaken) takenCount++;
    if (reason !== null) failures.push({ input, reason: await withStack(run, input) ?? reason });
    return isTaken;
  };
  for (const input of inputs) if (await tell(input)) good.push(input);
  await coverage?.grew();
  let batchSize = SMALLEST_BATCH;
  let isCounting = coverage !== null;
  while (done < runs && failures.length < MAX_FAILURES && !options.isOver()) {
    if (isCounting && !options.isGuided(done)) {
      isCounting = false;
      await coverage?.stop();
    }
    const batch: string[] = [];
    const taken = new Set<string>();
    while (batch.length < batchSize && done < runs && failures.length < MAX_FAILURES) {
      const pick = generator(seed + done);
      const chosen = [good, good, found, inputs, inputs, inputs][pick(6)] ?? inputs;
      const parents = chosen.length === 0 ? inputs : chosen;
      const parent = short(pick, parents);
      const material = { ...target, corpus: inputs };
      let input = mutated(parent, pick, material);
      while (input === parent) input = mutated(parent, pick, material);
      input = input.slice(0, MAX_INPUT);
      batch.push(input);
      if (await tell(input)) taken.add(input);
    }
    if (coverage !== null && isCounting && await coverage.wouldGrow()) {
      batchSize = Math.max(batchSize / 2, SMALLEST_BATCH);
      const reaching = await newOnes(run, coverage, batch);
      inputs.push(...reaching);
      found.push(...reaching);
      good.push(...reaching.filter((input) => taken.has(input)));
    } else batchSize = Math.min(batchSize * 2, LARGEST_BATCH);
    options.onProgress(done, found);
  }
  return { runs: done, taken: takenCount, failures, slowestMs, found };
}
