/** Registries: plain http and mirrors where a person said so, and a login that nobody else reads. */
import assert from "node:assert/strict";
import { htpasswd, registryConfig } from "../../agent/drivers/podman/registry_fixture.ts";
import { createBox } from "./box.ts";
import { filesWith, programsWith, shapesOf } from "./clear_text.ts";
import { createLab } from "./lab/lab.ts";
import type { LabHost } from "./lab/host.ts";
import { until } from "./lab/program.ts";

const LOGIN = { username: "robot$plant", password: "c0rrect-h0rse+b4ttery/stäple" };
const ADDRESS = "198.18.0.2";
/** Three over one folder: what is put into the open one is had from the others. */
const PRIVATE = `${ADDRESS}:5000`;
const OPEN = `${ADDRESS}:5001`;
const MIRROR = `${ADDRESS}:5002`;

const compose = (tag: number) => `
name: shop
services:
  app:
    image: ${PRIVATE}/plant/app:${tag}
    init: true
    stop_grace_period: 1s
    command: ["sleep", "100000"]
`;

/** Debian's registry on a lab host, once it answers. */
async function serve(host: LabHost, address: string, hasLogin: boolean) {
  const file = `${host.dir}/${address.split(":")[1]}.yml`;
  await Deno.writeTextFile(file, registryConfig(host.dir, address, { hasLogin }));
  const process = host.spawn(["docker-registry", "serve", file]);
  await until(
    `the registry ${address}`,
    async () => (await host.run(["curl", "-s", `http://${address}/v2/`])).code === 0,
  );
  return process;
}

Deno.test("registries: named, logged in to, mirrored", async (test) => {
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] },
      { name: "store", links: [{ lan: "plant", address: `${ADDRESS}/24` }] },
    ],
  });
  const store = lab.host("store");
  const host = lab.host("box");
  const box = createBox(host);
  const shapes = shapesOf(LOGIN.username, LOGIN.password);
  const said: string[] = [];
  const run: typeof box.run = async (args, options) => {
    const result = await box.run(args, options);
    said.push(result.stdout, result.stderr);
    return result;
  };
  const logIn = (password: string) =>
    run(["registry", "login", PRIVATE, "-u", LOGIN.username, "--password-stdin"], {
      stdin: `${password}\n`,
    });
  const registries = async () => JSON.parse(await box.must(["registry", "list", "-o", "json"]));
  let folder = "";
  const apply = async (tag: number) => {
    await Deno.writeTextFile(`${folder}/compose.yaml`, compose(tag));
    return await run(["apply", "--wait"], { cwd: folder });
  };
  const serves = async (tag: number) =>
    assert.equal(
      (await box.must(["exec", "-p", "shop", "app", "--", "cat", "/etc/tag"])).trim(),
      String(tag),
    );

  try {
    await Deno.writeTextFile(`${store.dir}/htpasswd`, await htpasswd(LOGIN));
    const origin = await serve(store, PRIVATE, true);
    const open = await serve(store, OPEN, false);
    let skerry = await box.start();
    folder = await box.project("shop", compose(1));
    for (const tag of [1, 2, 3, 4, 5]) {
      const name = `app:${tag}`;
      await box.image(name, { "etc/tag": `${tag}\n` });
      await box.podman.must([
        ...["push", "--tls-verify=false", `localhost/${name}`, `${OPEN}/plant/${name}`],
      ]);
      await box.podman.must(["rmi", `localhost/${name}`]);
    }
    await open.stop();

    await test.step("plain http is spoken to nobody who was not named; the way out is", async () => {
      const way = new RegExp(`skerry registry set ${PRIVATE} --plain-http`);
      for (const refused of [await logIn(LOGIN.password), await apply(1)]) {
        assert.equal(refused.code, 1, refused.stdout + refused.stderr);
        assert.match(refused.stdout + refused.stderr, way);
      }
      assert.deepEqual(await registries(), []);
      assert.doesNotMatch(origin.text(), /^198\.18\.0\.1 /m);
    });

    await test.step("without a login, and with a wrong one, nothing is had or kept", async () => {
      await box.must(["registry", "set", PRIVATE, "--plain-http"]);
      const none = await apply(1);
      assert.equal(none.code, 1);
      assert.match(
        none.stdout + none.stderr,
        new RegExp(`nobody without a login.*skerry registry login ${PRIVATE}`, "s"),
      );
      const wrong = await logIn("wr0ng-pass");
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /as "robot\$plant": the registry refuses this login/);
      assert.match(wrong.stderr, /nothing was stored/);
      assert.doesNotMatch(wrong.stderr, /wr0ng-pass/);
      const [{ username, plainHttp }] = await registries();
      assert.deepEqual({ username, plainHttp }, { username: null, plainHttp: true });
      assert.equal((await run(["image", "pull", `${PRIVATE}/plant/app:1`])).code, 1);
    });

    await test.step("with the right one a private image is pulled, also after a start", async () => {
      const watched = await programsWith(shapes, async () => {
        const right = await logIn(LOGIN.password);
        assert.equal(right.code, 0, right.stderr);
        assert.match(right.stderr, /the registry accepts it/);
        const applied = await apply(1);
        assert.equal(applied.code, 0, applied.stdout + applied.stderr);
      });
      assert.deepEqual(watched.found, []);
      assert.ok(watched.looks > 3, `${watched.looks} looks`);
      await serves(1);
      said.push(skerry.text());
      await skerry.stop();
      skerry = await box.start();
      const applied = await apply(2);
      assert.equal(applied.code, 0, applied.stdout + applied.stderr);
      await serves(2);
    });

    await test.step("a mirror is asked first; while it is down the registry serves", async () => {
      const mirror = await serve(store, MIRROR, false);
      await box.must(["registry", "set", MIRROR, "--plain-http"]);
      await box.must(["registry", "set", PRIVATE, "--plain-http", "--mirror", MIRROR]);
      const before = origin.text().length;
      const applied = await apply(3);
      assert.equal(applied.code, 0, applied.stdout + applied.stderr);
      await serves(3);
      assert.match(mirror.text(), /GET \/v2\/plant\/app\/blobs\//);
      assert.doesNotMatch(origin.text().slice(before), /\/v2\/plant\/app/);
      for (const shape of shapes) assert.ok(!mirror.text().includes(shape));
      await mirror.stop();
      const alone = await apply(4);
      assert.equal(alone.code, 0, alone.stdout + alone.stderr);
      await serves(4);
      assert.match(origin.text().slice(before), /GET \/v2\/plant\/app\/blobs\//);
    });

    await test.step("the password is in no file, no log and no answer", async () => {
      const answers: string[] = [];
      for (const path of ["registries", "changes", "nodes", "events", "images"]) {
        const url = `http://skerry/api/v1/${path}`;
        answers.push(
          await host.must(["curl", "-sf", "--unix-socket", box.layout.controlSocket, url]),
        );
      }
      assert.match(answers[0] ?? "", /robot\$plant/);
      said.push(skerry.text(), ...answers);
      for (const shape of shapes) {
        assert.ok(!said.some((text) => text.includes(shape)), `"${shape}" was said`);
      }
      const { home, runDir } = box.layout;
      const inside = (path: string) => `${host.root}${path}`;
      const folders = [home, runDir, inside("/run/containers")];
      assert.deepEqual(await filesWith(folders, shapes), []);
      // The search itself finds what is there.
      await Deno.writeTextFile(`${home}/probe`, `x${shapes[1]}y`);
      assert.deepEqual(await filesWith(folders, shapes), [`${home}/probe`]);
      await Deno.remove(`${home}/probe`);
    });

    await test.step("an image is pushed under another name, and is had by it", async () => {
      const target = `${PRIVATE}/plant/pushed:1`;
      await box.image("made:1", { "etc/tag": "made\n" });
      const nowhere = await run(["image", "push", "localhost/made:1"]);
      assert.equal(nowhere.code, 1);
      assert.match(nowhere.stderr, /skerry image push localhost\/made:1 REGISTRY/);
      const pushed = await programsWith(
        shapes,
        () => run(["image", "push", "localhost/made:1", target]),
      );
      assert.equal(pushed.result.code, 0, pushed.result.stderr);
      assert.deepEqual(pushed.found, []);
      assert.match(pushed.result.stdout, new RegExp(`^${target}@sha256:[0-9a-f]{64}\n$`));
      assert.match(pushed.result.stderr, /Copying blob/);
      const images = async () => JSON.parse(await box.must(["image", "list", "-o", "json"]));
      const idOf = async (name: string) =>
        (await images()).find((each: { references: string[] }) => each.references.includes(name))
          ?.id;
      const id = await idOf("localhost/made:1");
      await box.must(["image", "rm", "localhost/made:1"]);
      assert.equal((await box.must(["image", "pull", target])).trim(), id);
    });

    await test.step("a damaged image and one that is gone are named; the way out mends", async () => {
      const verified = async (code: number) => {
        const done = await run(["image", "verify", "-o", "json"]);
        assert.equal(done.code, code, done.stderr);
        return JSON.parse(done.stdout);
      };
      const before = await verified(0);
      assert.ok(before.length >= 2, JSON.stringify(before));
      const root = `${box.layout.podmanDir}/storage`;
      const { id, reference, neededFor } = before.find((each: { reference: string }) =>
        each.reference.endsWith(":4")
      );
      assert.equal(neededFor, "running");
      const { layer } = JSON.parse(await Deno.readTextFile(`${root}/overlay-images/images.json`))
        .find((each: { id: string }) => each.id === id);
      await Deno.writeTextFile(`${root}/overlay/${layer}/diff/etc/tag`, "5\n");
      const damaged = (await verified(1)).find((each: { id: string }) => each.id === id);
      assert.equal(damaged.state, "damaged");
      assert.match(damaged.problems.join(), /"etc\/tag" is not what it was/);
      // As the remedy says it.
      assert.match(
        damaged.remedy,
        /^skerry delete --wait -p shop .*skerry image rm (\S+), then apply/,
      );
      const names = /skerry image rm ([^,]+),/.exec(damaged.remedy)?.[1]?.split(" ") ?? [];
      await box.must(["delete", "--wait", "-p", "shop"]);
      await box.must(["image", "rm", ...names]);
      const absent = await verified(1);
      assert.ok(absent.some((each: { state: string }) => each.state === "absent"));
      const again = await apply(4);
      assert.equal(again.code, 0, again.stdout + again.stderr);
      await serves(4);
      const after = await verified(0);
      assert.ok(after.some((each: { reference: string }) => each.reference === reference));
    });

    await test.step("after a logout nothing new is had, and the way back is named", async () => {
      await box.must(["registry", "logout", PRIVATE]);
      const way = new RegExp(`skerry registry login ${PRIVATE}`);
      for (
        const refused of [
          await run(["image", "pull", `${PRIVATE}/plant/app:5`]),
          await apply(5),
        ]
      ) {
        assert.equal(refused.code, 1, refused.stdout + refused.stderr);
        assert.match(refused.stdout + refused.stderr, way);
      }
      await serves(4);
      const [{ username, mirrors }] = await registries();
      assert.deepEqual({ username, mirrors }, { username: null, mirrors: [MIRROR] });
    });
  } finally {
    await box.close();
  }
});
