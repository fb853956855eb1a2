import assert from "node:assert/strict";
import type { Child } from "../markup.ts";
import { Command, Facts, Notice, PageHeader } from "./card.tsx";
import { DangerZone } from "./danger.tsx";
import { Form, TextArea, TextField } from "./form.tsx";
import { Island } from "./island.tsx";
import { Table } from "./table.tsx";
import { Ago } from "./time.tsx";

const EVIL = `"><script>alert('x')</script><img src=x onerror=alert(1)>&amp;`;

async function textOf(markup: Child): Promise<string> {
  return String(await <div>{markup}</div>);
}

const SEVERAL: Readonly<Record<string, () => Child>> = {
  "a header": () => (
    <PageHeader title={EVIL} lead={EVIL} crumbs={[{ text: EVIL, href: `/projects/${EVIL}` }]} />
  ),
  "a table": () => (
    <Table
      caption={EVIL}
      rows={[EVIL]}
      rowId={(each) => each}
      columns={[{ label: EVIL, heads: true, cell: (each) => each }]}
    />
  ),
  "facts": () => <Facts items={[{ term: EVIL, value: EVIL }]} />,
  "a notice": () => <Notice tone="bad" title={EVIL}>{EVIL}</Notice>,
  "a command": () => <Command>{EVIL}</Command>,
  "an island": () => <Island name="plot" id="plot" settings={{ evil: EVIL }} />,
  "a form": () => (
    <Form
      action={`/x?${EVIL}`}
      submit={EVIL}
      state={{ values: { a: EVIL }, errors: { "": EVIL, a: EVIL } }}
    >
      <TextField
        name="a"
        label={EVIL}
        hint={EVIL}
        state={{ values: { a: EVIL }, errors: { a: EVIL } }}
      />
      <TextArea name="b" label={EVIL} value={EVIL} />
    </Form>
  ),
  "a danger zone": () => (
    <DangerZone
      id="gone"
      title={EVIL}
      explanation={EVIL}
      action="/x"
      confirmName={EVIL}
      submit={EVIL}
    />
  ),
};

for (const [name, make] of Object.entries(SEVERAL)) {
  Deno.test(`${name} shows foreign text as text`, async () => {
    const text = await textOf(make());
    assert.doesNotMatch(text, /<script|<img/);
    assert.match(text, /&lt;script/);
    // No attribute is left by a quote in a value.
    assert.doesNotMatch(text, /="[^"]*"><script|\sonerror=alert\(1\)>(?!&)/);
  });
}

Deno.test("a fault stands beside its field and is read out with it", async () => {
  const state = { values: { name: "a b" }, errors: { name: "no spaces" } };
  const text = await textOf(<TextField name="name" label="Name" hint="short" state={state} />);
  assert.match(text, /value="a b"/);
  assert.match(text, /aria-invalid="true"/);
  assert.match(text, /aria-describedby="field-name-hint field-name-error"/);
  assert.match(text, /id="field-name-error">no spaces</);
});

Deno.test("a password is not filled in again", async () => {
  const state = { values: { secret: "s3cret" }, errors: {} };
  const text = await textOf(
    <TextField name="secret" label="Password" type="password" state={state} />,
  );
  assert.doesNotMatch(text, /s3cret/);
});

Deno.test("a time is UTC for those without script, and exact for those with", async () => {
  const text = await textOf(<Ago at={1_800_000_000_000} />);
  assert.match(text, /datetime="2027-01-15T08:00:00\.000Z"/);
  assert.match(text, />2027-01-15 08:00:00 UTC</);
});

Deno.test("a table without rows says what to do instead", async () => {
  const rows: string[] = [];
  const text = await textOf(
    <Table
      caption="Things"
      rows={rows}
      columns={[{ label: "A", cell: (each) => each }]}
      empty={<p>Make one</p>}
    />,
  );
  assert.equal(text, "<div><p>Make one</p></div>");
});
