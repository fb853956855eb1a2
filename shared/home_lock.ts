/** Keeps a second Skerry off a home: flock(2) on a file, freed by the kernel however its holder ends. */
import { dirname } from "node:path";
import { SkerryError } from "./errors.ts";

/** Error `home_in_use` where another process holds it; that one's pid is named. */
export async function lockHome(path: string): Promise<Disposable> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
  if (!await file.tryLock(true)) {
    const holder = (await Deno.readTextFile(path).catch(() => "")).trim();
    file.close();
    throw new SkerryError(
      "home_in_use",
      `another Skerry already runs on "${dirname(path)}"` +
        (holder === "" ? "" : ` (process ${holder})`),
      "stop that one first, or give this one a folder of its own with --home or SKERRY_HOME",
    );
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  return { [Symbol.dispose]: () => file.close() };
}
