/** Where made files showed that compose-go reads otherwise than we did. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { formatProblem } from "./problem.ts";
import { readCompose } from "./read.ts";
import { renderConfig } from "./render.ts";

function read(text: string) {
  return readCompose({
    files: [{ path: "/project/compose.yaml", text }],
    projectDirectory: "/project",
    environment: { HOME: "/home/user" },
    profiles: ["*"],
    projectName: "p",
    readFile: () => ({ kind: "missing" }),
  });
}

function printed(text: string) {
  const result = read(text);
  if (result.kind === "ok") return JSON.parse(renderConfig(result.model, "json"));
  throw new Error(result.problems.map(formatProblem).join("\n"));
}

function refusal(text: string): string {
  const result = read(text);
  ok(result.kind === "problems");
  return result.problems.map(formatProblem).join("\n");
}

Deno.test("an empty published port is none", () => {
  const port = '{target: 80, published: ""}';
  deepStrictEqual(printed(`services: {a: {image: x, ports: [${port}]}}`).services.a.ports, [
    { mode: "ingress", protocol: "tcp", target: 80 },
  ]);
});

Deno.test("pull_policy if_not_present is another word for missing", () => {
  const { services } = printed("services: {a: {image: x, pull_policy: if_not_present}}");
  strictEqual(services.a.pull_policy, "missing");
});

Deno.test("labels of a network or volume that say nothing are not there", () => {
  const { networks, volumes } = printed(
    "services: {a: {image: x, networks: [n]}}\nnetworks: {n: {labels: {}}}\nvolumes: {v: {labels: []}}",
  );
  deepStrictEqual([networks, volumes], [{ n: { name: "p_n" } }, { v: { name: "p_v" } }]);
});

Deno.test("an external volume takes no labels, not even none", () => {
  match(
    refusal("services: {a: {image: x}}\nvolumes: {v: {external: true, labels: {}}}"),
    /"labels" means nothing on what is external/,
  );
});

Deno.test("scale hides nothing of deploy but the number that it repeats", () => {
  const deploy = "{restart_policy: {condition: any}, update_config: {order: stop-first}}";
  const { services } = printed(
    `services: {a: {image: x, scale: 2, deploy: ${deploy}}, b: {image: x, scale: 2}}`,
  );
  deepStrictEqual(services.a.deploy, {
    replicas: 2,
    restart_policy: { condition: "any" },
    update_config: { order: "stop-first" },
  });
  deepStrictEqual([services.b.scale, services.b.deploy], [2, undefined]);
});

Deno.test("a device takes the place of the one at its path", () => {
  const { services } = printed(
    'services: {a: {image: x, devices: ["/dev/a:/dev/x", /dev/z, "/dev/b:/dev/x:r"]}}',
  );
  deepStrictEqual(services.a.devices, [
    { source: "/dev/b", target: "/dev/x", permissions: "r" },
    { source: "/dev/z", target: "/dev/z", permissions: "rwm" },
  ]);
});

Deno.test("two tmpfs at one path are refused, the same one twice is one", () => {
  match(
    refusal('services: {a: {image: x, tmpfs: ["/run", "/run:size=1m"]}}'),
    /two of the "tmpfs" lie at "\/run"/,
  );
  deepStrictEqual(printed("services: {a: {image: x, tmpfs: [/run, /run]}}").services.a.tmpfs, [
    "/run",
  ]);
});
