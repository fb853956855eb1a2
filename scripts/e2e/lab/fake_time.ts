/**
 * A clock that a test sets, for one program and what it starts: libfaketime in its process. The
 * monotonic clock goes on, as it does on a real machine.
 */

export interface FakeTime {
  /** Argv that stands before the program's. */
  readonly under: readonly string[];
  /** What the clock shows is the machine's time and this; seen within about a second. */
  set(aheadMs: number): Promise<void>;
}

async function library(): Promise<string> {
  for await (const { name } of Deno.readDir("/usr/lib")) {
    const path = `/usr/lib/${name}/faketime/libfaketimeMT.so.1`;
    if (await Deno.stat(path).then(() => true, () => false)) return path;
  }
  throw new Error('"libfaketime" is missing: apt-get install faketime');
}

/** @param file where the setting is kept */
export async function createFakeTime(file: string): Promise<FakeTime> {
  const set = (aheadMs: number) => {
    const seconds = Math.round(aheadMs / 1000);
    return Deno.writeTextFile(file, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  };
  await set(0);
  return {
    under: [
      "env",
      `LD_PRELOAD=${await library()}`,
      `FAKETIME_TIMESTAMP_FILE=${file}`,
      "FAKETIME_CACHE_DURATION=1",
      "FAKETIME_DONT_FAKE_MONOTONIC=1",
    ],
    set,
  };
}
