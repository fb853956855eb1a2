/** What guided runs have found, kept in testdata/NAME.json: one input a line, sorted. */

function fileOf(name: string): URL {
  return new URL(`./testdata/${name}.json`, import.meta.url);
}

/** Only what can be seen: an editor or git must not change it. */
function asAscii(input: string): string {
  return JSON.stringify(input).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Empty where nothing was found so far. */
export function readCorpus(name: string): string[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(fileOf(name));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return [];
    throw thrown;
  }
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error(`${fileOf(name)} is no list`);
  return value.filter((one) => typeof one === "string");
}

/** Adds to what is kept. */
export function addToCorpus(name: string, found: readonly string[]): void {
  writeCorpus(name, [...readCorpus(name), ...found]);
}

/** In place of what was kept. */
export function writeCorpus(name: string, inputs: readonly string[]): void {
  const all = [...new Set(inputs)].sort();
  Deno.mkdirSync(new URL("./testdata/", import.meta.url), { recursive: true });
  Deno.writeTextFileSync(fileOf(name), `[\n${all.map(asAscii).join(",\n")}\n]\n`);
}
