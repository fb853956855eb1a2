import { deepStrictEqual, ok } from "node:assert/strict";
import { type Answer, compareReadings } from "../../shared/compose/testing/same.ts";
import { ourReading } from "./made_project.ts";
import { ourName } from "./names.ts";
import { readRecorded } from "./recorded.ts";

Deno.test("made files are read, or refused, as compose-go did when its answers were recorded", () => {
  const kinds = { read: 0, refused: 0, meant: 0 };
  for (const { texts, answer } of readRecorded()) {
    const comparison = compareReadings(ourReading({ texts }), answer, texts.length);
    if (comparison.kind === "differs") {
      throw new Error(`${comparison.what}\n${texts.join("\n---\n")}`);
    }
    kinds[comparison.kind === "same" ? comparison.verdict : "meant"]++;
  }
  ok(kinds.read >= 30 && kinds.refused >= 10, JSON.stringify(kinds));
});

Deno.test("the comparison sees a value, a key and a verdict that are others", () => {
  const ours = ourReading({ texts: ["services: {a: {image: x, labels: {b: '1'}}}"] });
  const answer = (service: object): Answer => ({
    model: {
      name: "p",
      networks: { default: { name: "p_default", ipam: {} } },
      services: { a: { command: null, entrypoint: null, networks: { default: null }, ...service } },
    },
  });
  const topics = [
    answer({ image: "x", labels: { b: "1" } }),
    answer({ image: "y", labels: { b: "1" } }),
    answer({ image: "x" }),
    { error: "services.a.image must be something else" },
  ].map((theirs) => {
    const comparison = compareReadings(ours, theirs, 1);
    return comparison.kind === "differs" ? comparison.topic : comparison.kind;
  });
  deepStrictEqual(topics, [
    "same",
    "reads services.*.image",
    "reads services.*.labels",
    "takes services.a.image must be something else",
  ]);
});

Deno.test("names of projects by -p, variable, name and folder", () => {
  const given = { option: null, variable: null, written: null, folder: "My Shop" };
  deepStrictEqual(
    [
      given,
      { ...given, written: "From File!" },
      { ...given, written: "a", variable: "b" },
      { ...given, written: "a", variable: "b", option: "c" },
      { ...given, option: "Upper" },
    ].map(ourName),
    ["myshop", "fromfile", "b", "c", null],
  );
});
