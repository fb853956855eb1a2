import assert from "node:assert/strict";
import { busyboxContext, startRealPodman, streamOf } from "./real_fixture.ts";
import { startRegistry } from "./registry_fixture.ts";
import { podmanPaths } from "./service.ts";

Deno.test("pulls, digests and builds with a real registry", async (t) => {
  const setup = await startRealPodman();
  const { podman } = setup;
  const build = async (
    dockerfile: string,
    more: { target?: string; args?: Record<string, string> } = {},
  ) => {
    const lines: string[] = [];
    const image = await podman.buildImage({
      context: streamOf(await busyboxContext(dockerfile)),
      dockerfile: "Dockerfile",
      tag: "localhost/skerry-built:1",
      args: more.args ?? {},
      ...(more.target === undefined ? {} : { target: more.target }),
      noCache: true,
      pull: false,
      labels: { "skerry.test": "yes" },
    }, (line) => lines.push(line));
    return { image, lines };
  };
  try {
    {
      await using served = await startRegistry();
      const registry = served.host;
      const reference = `${registry}/lab/app:1`;

      await t.step(
        "a pushed image is pulled by tag and by the digest that the registry tells",
        async () => {
          const lines: string[] = [];
          const pushed = await podman.pushImage(
            setup.imageReference,
            reference,
            (line) => lines.push(line),
          );
          const digest = await podman.resolveDigest(reference);
          assert.deepEqual(pushed, { reference, digest, id: setup.imageId });
          assert.ok(lines.some((line) => line.startsWith("Copying blob")), lines.join("|"));
          lines.splice(0);
          const image = await podman.pullImage(reference, (line) => lines.push(line));
          assert.equal(image.id, setup.imageId);
          assert.ok(lines.length > 0);
          const byDigest = await podman.pullImage(`${registry}/lab/app@${digest}`, () => {});
          assert.equal(byDigest.id, setup.imageId);
          assert.ok(byDigest.repoDigests.includes(`${registry}/lab/app@${digest}`));
          assert.equal((await podman.inspectImage(`${registry}/lab/app@${digest}`))?.id, image.id);
        },
      );

      await t.step("what is in the store is whole by its id and by its digest", async () => {
        const digest = await podman.resolveDigest(reference);
        const pins = [
          { reference, digest: null, id: setup.imageId },
          { reference: "other/name:1", digest, id: null },
        ];
        const found = await podman.verifyImages(pins, () => {}, new AbortController().signal);
        assert.deepEqual(
          found.map(({ state }) => state),
          ["whole", "whole"],
          JSON.stringify(found),
        );
        assert.ok((found[0]?.readBytes ?? 0) > 1_000_000);
      });

      await t.step("what cannot be pushed is told apart", async () => {
        const fails = (to: string, code: string) =>
          assert.rejects(podman.pushImage(setup.imageReference, to, () => {}), { code });
        await fails("127.0.0.1:1/lab/app:1", "unreachable");
        await fails("registry.invalid/lab/app:1", "unreachable");
        await fails(`${registry}/lab/app@sha256:${"a".repeat(64)}`, "invalid_reference");
        await assert.rejects(podman.pushImage(`${registry}/none:1`, null, () => {}), {
          code: "image_unknown",
        });
      });

      await t.step("what cannot be pulled is told apart", async () => {
        const fails = (reference: string, code: string) =>
          assert.rejects(podman.pullImage(reference, () => {}), { code });
        await fails(`${registry}/lab/app:none`, "not_found");
        await fails(`${registry}/nothing:1`, "not_found");
        await fails("127.0.0.1:1/lab/app:1", "unreachable");
        await fails("registry.invalid/lab/app:1", "unreachable");
        await fails("NOT A REFERENCE", "invalid_reference");
        await assert.rejects(podman.resolveDigest(`${registry}/lab/app:none`), {
          code: "not_found",
        });
        await assert.rejects(podman.resolveDigest("127.0.0.1:1/lab/app:1"), {
          code: "unreachable",
        });
      });
    }

    await t.step("a pull ends with its signal, also where the registry hangs", async () => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const accepted: Deno.Conn[] = [];
      const stop = new AbortController();
      const accepting = (async () => {
        for await (const conn of listener) {
          accepted.push(conn);
          stop.abort();
        }
      })();
      const reference = `127.0.0.1:${listener.addr.port}/lab/app:1`;
      await assert.rejects(podman.pullImage(reference, () => {}, stop.signal), { code: "aborted" });
      listener.close();
      await accepting;
      for (const conn of accepted) conn.close();
    });

    await t.step("a build runs steps, takes arguments and stops at its target", async () => {
      const dockerfile = [
        "FROM scratch AS first",
        "ARG WORD=none",
        "COPY bin /bin",
        "RUN echo word is $WORD > /word",
        "FROM first AS second",
        "RUN false",
        "",
      ].join("\n");
      const { image, lines } = await build(dockerfile, { target: "first", args: { WORD: "hi" } });
      assert.ok(lines.some((line) => line.startsWith("STEP")), lines.join("|"));
      assert.equal((await podman.inspectImage("localhost/skerry-built:1"))?.id, image.id);
      await assert.rejects(build(dockerfile), { code: "build_failed" });
      await assert.rejects(build("NONSENSE\n"), { code: "build_failed" });
    });

    await t.step("one changed byte of one file is found, in all images that have it", async () => {
      const { image } = await build("FROM scratch\nCOPY bin /bin\nCOPY etc /etc\n");
      const pins = [{ reference: "localhost/skerry-built:1", digest: null, id: image.id }];
      const verify = () => podman.verifyImages(pins, () => {}, new AbortController().signal);
      assert.equal((await verify())[0]?.state, "whole", JSON.stringify(await verify()));
      const { root } = podmanPaths(setup.home);
      for await (const { name } of Deno.readDir(`${root}/overlay`)) {
        const file = `${root}/overlay/${name}/diff/bin/busybox`;
        const program = await Deno.readFile(file).catch(() => null);
        if (program === null) continue;
        program[1000] = (program[1000] ?? 0) ^ 1;
        await Deno.writeFile(file, program);
      }
      const [found] = await verify();
      assert.equal(found?.state, "damaged");
      assert.match(found.problems.join(), /"bin\/busybox" is not what it was/);
      assert.ok(found.sharedBy.includes("localhost/skerry-built:1"), found.sharedBy.join());
    });
  } finally {
    await setup.close();
  }
});
