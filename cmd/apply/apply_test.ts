import assert from "node:assert/strict";
import { SkerryError } from "../../shared/errors.ts";
import { prepare } from "../../shared/project/prepare.ts";
import { readProject } from "./read_project.ts";

const COMPOSE =
  `services: {a: {image: x, secrets: [token, key], configs: [{source: motd, target: /m}]}}
secrets: {token: {environment: TOKEN}, key: {environment: KEY}}
configs: {motd: {environment: TOKEN}}
`;

async function prepared(env: Readonly<Record<string, string>>, dotenv = "") {
  const cwd = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${cwd}/compose.yaml`, COMPOSE);
    await Deno.writeTextFile(`${cwd}/.env`, dotenv);
    return await prepare(
      readProject({ files: [], envFiles: [], profiles: [], projectName: "p", env, cwd }),
    );
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

Deno.test("every variable that a secret or config is, and that is not set, is named", async () => {
  await assert.rejects(prepared({ KEY: "k" }), (thrown) => {
    assert(thrown instanceof SkerryError);
    assert.equal(thrown.code, "variable_not_set");
    assert.equal(
      thrown.message,
      'the secret "token" is the variable TOKEN, which is not set; ' +
        'the config "motd" is the variable TOKEN, which is not set',
    );
    assert.equal(thrown.remedy, "set TOKEN where you call skerry, or in .env");
    return true;
  });
  await assert.rejects(prepared({}), /"key" is the variable KEY.*"token".*"motd"/);
});

Deno.test("the variables come from the environment, else from .env; an empty one is set", async () => {
  const { model, secretValues } = await prepared({ KEY: "" }, "TOKEN=t\nKEY=other\n");
  assert.deepEqual(secretValues, { token: btoa("t"), key: "" });
  assert.deepEqual(model.configs, { motd: { name: "p_motd", content: "t" } });
});
