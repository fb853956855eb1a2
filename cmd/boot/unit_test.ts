import assert from "node:assert/strict";
import { homeLayout } from "../../shared/home.ts";
import { renderUnit, unitName } from "./unit.ts";

Deno.test("the default home's unit bears the plain name and no settings that nobody wrote", () => {
  const layout = homeLayout("/var/lib/skerry");
  assert.equal(unitName(layout), "skerry.service");
  const unit = renderUnit({ layout, program: "/usr/local/bin/skerry", settings: [] });
  assert.match(unit, /^ExecStart="\/usr\/local\/bin\/skerry" up$/m);
  assert.doesNotMatch(unit, /^Environment=/m);
});

Deno.test("another home has a unit of its own that names it", () => {
  const layout = homeLayout("/srv/two");
  assert.equal(unitName(layout), `skerry-${layout.tag}.service`);
  const unit = renderUnit({
    layout,
    program: "/usr/local/bin/skerry",
    settings: [{ variable: "SKERRY_HTTP_PORT", text: "8080" }],
  });
  assert.deepEqual(unit.match(/^Environment=.*$/gm), [
    'Environment="SKERRY_HOME=/srv/two"',
    'Environment="SKERRY_HTTP_PORT=8080"',
  ]);
  assert.match(unit, /^RequiresMountsFor="\/srv\/two"$/m);
});

Deno.test("what systemd would read as its own signs is written so that it stays itself", () => {
  const unit = renderUnit({
    layout: homeLayout("/srv/100% $mine"),
    program: "/opt/a $b/%n/skerry",
    settings: [{ variable: "SKERRY_NAME", text: 'a"b\\c%d$e' }],
  });
  assert.match(unit, /^ExecStart="\/opt\/a \$\$b\/%%n\/skerry" up$/m);
  assert.match(unit, /^Environment="SKERRY_HOME=\/srv\/100%% \$mine"$/m);
  assert.match(unit, /^Environment="SKERRY_NAME=a\\"b\\\\c%%d\$e"$/m);
});
