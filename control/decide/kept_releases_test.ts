import assert from "node:assert/strict";
import fc from "fast-check";
import { ReleaseState } from "../../shared/api/release.ts";
import { ReleaseId } from "../../shared/model/ids.ts";
import { neverLetGo, type ReleaseInBrief, toForget } from "./kept_releases.ts";

const id = (n: number) => ReleaseId.parse(`rel_${String.fromCharCode(97 + n).repeat(26)}`);
/** Newest first: each as `state part`. */
function history(...texts: readonly string[]): ReleaseInBrief[] {
  return texts.map((text, index) => {
    const [state, part] = text.split(" ");
    const number = texts.length - index;
    return {
      id: id(number),
      number,
      state: ReleaseState.parse(state),
      composePart: part === "-" ? null : part ?? null,
    };
  });
}
const numbers = (releases: readonly ReleaseInBrief[]) =>
  releases.filter((each) => neverLetGo(releases).has(each.id)).map((each) => each.number);

Deno.test("the current, the last good and what a person goes back to are kept", () => {
  assert.deepEqual(numbers([]), []);
  assert.deepEqual(numbers(history("done b", "done a")), [2, 1]);
  assert.deepEqual(numbers(history("done c", "done b", "done a")), [3, 2]);
  // Applying the same again takes nobody the way back.
  assert.deepEqual(numbers(history("done b", "done b", "done b", "done a")), [4, 1]);
  // What was never good is no way back alone.
  assert.deepEqual(numbers(history("done d", "rolled_back c", "done b", "done a")), [4, 3, 2]);
  assert.deepEqual(numbers(history("rolling d", "failed c", "failed b", "done a")), [4, 3, 1]);
  // Of a deleted project what it was.
  assert.deepEqual(numbers(history("done -", "failed b", "done a")), [3, 2, 1]);
});

Deno.test("forgetting never takes one that is to stay, and keeps the newest", () => {
  const release = fc.record({
    state: fc.constantFrom(...ReleaseState.options),
    composePart: fc.constantFrom(null, "a", "b", "c"),
  });
  fc.assert(fc.property(
    fc.array(release, { maxLength: 20 }),
    fc.integer({ min: 1, max: 12 }),
    (list, keep) => {
      const releases = list.map((each, index): ReleaseInBrief => ({
        ...each,
        id: id(list.length - index),
        number: list.length - index,
      }));
      const gone = new Set(toForget(releases, keep));
      const left = releases.filter((each) => !gone.has(each.id));
      assert.deepEqual(left.slice(0, keep), releases.slice(0, keep));
      // What is left says the same of what is to stay, so collecting again takes no more.
      assert.deepEqual(neverLetGo(left), neverLetGo(releases));
      assert.deepEqual(toForget(left, keep), []);
      const underWay = releases.filter((each) => each.state === "rolling").length;
      assert.ok(left.length <= keep + 4 + underWay);
      assert.ok(releases.every((each) => each.state !== "rolling" || left.includes(each)));
    },
  ));
});
