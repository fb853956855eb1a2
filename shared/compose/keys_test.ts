import { deepStrictEqual, ok } from "node:assert/strict";
import { z } from "zod";
import { CARRIED } from "./carried_keys.ts";
import { NOTED } from "./noted_keys.ts";
import { REFUSED } from "./refused_keys.ts";

const spec = z.record(z.string(), z.array(z.string())).parse(
  JSON.parse(Deno.readTextFileSync(new URL("./testdata/spec_keys.json", import.meta.url))),
);

const full = (path: string, key: string) => path === "" ? key : `${path}.${key}`;

Deno.test("every key of the Compose Specification is carried out, noted or refused, and none two of them", () => {
  const missing: string[] = [];
  const both: string[] = [];
  for (const [path, keys] of Object.entries(spec)) {
    ok(CARRIED[path] !== undefined, `${path} is not in carried_keys.ts`);
    for (const key of keys) {
      const carried = CARRIED[path]?.includes(key) ?? false;
      const refused = REFUSED[full(path, key)] !== undefined;
      const noted = NOTED[full(path, key)] !== undefined;
      const ways = [carried, refused, noted].filter((way) => way).length;
      if (ways === 0) missing.push(full(path, key));
      if (ways > 1) both.push(full(path, key));
    }
  }
  deepStrictEqual({ missing, both }, { missing: [], both: [] });
});

Deno.test("what is carried out or refused is a key of the specification, or of x-skerry", () => {
  const known = new Set(
    Object.entries(spec).flatMap(([path, keys]) => keys.map((key) => full(path, key))),
  );
  const mine = [
    ...Object.keys(REFUSED),
    ...Object.keys(NOTED),
    ...Object.entries(CARRIED).flatMap(([path, keys]) => keys.map((key) => full(path, key))),
  ].filter((key) => !key.includes("x-skerry"));
  deepStrictEqual(mine.filter((key) => !known.has(key)), []);
});

Deno.test("every refusal says what to do", () => {
  for (const [key, { reason, remedy }] of Object.entries(REFUSED)) {
    ok(remedy.length > 5, key);
    ok(!reason.endsWith(".") && !remedy.endsWith("."), key);
  }
});
