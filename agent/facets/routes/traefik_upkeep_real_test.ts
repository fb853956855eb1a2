/** A real Traefik kept running, mended and bounded (3.7.3 or newer: SKERRY_TRAEFIK, PATH or /usr/local/lib/skerry). */
import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { ask, testPort, until, withIngress, withServer } from "./ingress_fixture.ts";
import { deployment, routesOf, worldOf } from "./world_fixture.ts";

const A = "127.0.0.11";
const one = deployment("one", A);
const SIGNAL = new AbortController().signal;

Deno.test("killed, it comes back with its routes; a restarted agent adopts it and keeps the pid", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    await withServer(A, port, () => new Response("fine"), async () => {
      const input = { routes: [routesOf("shop", { port })], serving: [one] };
      await ingress.converge(input);
      const pid = await ingress.pid();

      const next = ingress.restartedAgent();
      assert.deepEqual(await next.converge(input), []);
      assert.deepEqual(await next.engine.state(), { kind: "running", pid, adopted: true });

      process.kill(pid, "SIGKILL");
      await until("it is seen", async () => (await next.engine.state()).kind === "absent");
      // A look before it has read its file finds nothing live, and publishes the same once more.
      const [first, ...more] = await next.converge(input);
      assert.equal(first, "start");
      assert.ok(more.every((step) => step === "publish"));
      assert.notEqual(await next.pid(), pid);
      assert.equal((await ask(ingress.http, "shop.test")).body, "fine");
      await next.engine.stop(500);
    });
  });
});

Deno.test("a damaged dynamic file, or one that is gone, is mended, running or not", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    await withServer(A, port, () => new Response("fine"), async () => {
      const input = { routes: [routesOf("shop", { port })], serving: [one] };
      await ingress.converge(input);
      const { dynamicFile, publishedFile } = ingress.traefik.files;
      for (const damage of ["{{ bad", "http: {routers: {}}", "", null]) {
        await ingress.engine.stop(500);
        if (damage === null) await Deno.remove(dynamicFile);
        else await Deno.writeTextFile(dynamicFile, damage);
        assert.deepEqual(await ingress.converge(input), ["start", "publish"]);
        assert.equal((await ask(ingress.http, "shop.test")).body, "fine");
      }
      await Deno.writeTextFile(publishedFile, "junk");
      assert.deepEqual(await ingress.converge(input), ["publish"]);
    });
  });
});

Deno.test("what does not become live is taken back; the routes before it go on", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    await withServer(A, port, () => new Response("fine"), async () => {
      const input = { routes: [routesOf("shop", { port })], serving: [one] };
      await ingress.converge(input);
      const { dynamicFile } = ingress.traefik.files;
      const good = await Deno.readTextFile(dynamicFile);
      const pid = await ingress.pid();
      process.kill(pid, "SIGSTOP");
      try {
        await assert.rejects(
          ingress.traefik.publish({ digest: "x", routes: [], certificate: null }, pid, SIGNAL),
          { code: "ingress_not_live" },
        );
      } finally {
        process.kill(pid, "SIGCONT");
      }
      assert.equal(await Deno.readTextFile(dynamicFile), good);
      await ingress.converge(input);
      assert.equal((await ask(ingress.http, "shop.test")).body, "fine");
    });
  });
});

Deno.test("a port that is taken is told with the program's name; once free, it starts", async () => {
  const port = testPort();
  await withIngress(async (ingress) => {
    const input = { routes: [] };
    {
      using _listener = Deno.listen({ hostname: "0.0.0.0", port });
      const seen = await ingress.facet.observe(worldOf(input).desired);
      assert.equal(seen.problem?.code, "port_taken");
      assert.match(
        seen.problem?.message ?? "",
        new RegExp(`:${port}: "deno" \\(pid ${Deno.pid}\\)`),
      );
      assert.match(seen.problem?.remedy ?? "", /--http-port/);
    }
    assert.deepEqual(await ingress.converge(input), ["start", "publish"]);
  }, { httpPort: port });
});

Deno.test("other settings restart it", async () => {
  await withIngress(async (ingress) => {
    await ingress.converge({ routes: [] });
    const pid = await ingress.pid();
    const port = testPort();
    await Deno.writeTextFile(ingress.traefik.files.internalPortFile, String(port));
    const steps = await ingress.converge({ routes: [] });
    assert.equal(steps.includes("restart"), true);
    assert.notEqual(await ingress.pid(), pid);
  });
});

Deno.test("the access log holds what a person needs, no secrets, and is bounded", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    await withServer(A, port, () => new Response("fine"), async () => {
      const input = { routes: [routesOf("shop", { port })], serving: [one] };
      await ingress.converge(input);
      const { accessLogFile } = ingress.traefik.files;
      await ask(ingress.http, "shop.test", "/x?token=hush", { authorization: "Bearer hush" });
      // Whoever else knocks at the port meanwhile has lines of their own.
      const lineOf = (text: string) => text.split("\n").find((each) => each.includes('"/x"'));
      const logged = () => Deno.readTextFile(accessLogFile).catch(() => "");
      await until("a line", async () => lineOf(await logged()) !== undefined);
      const text = await logged();
      const line = JSON.parse(lineOf(text) ?? "");
      assert.equal(line.RequestPath, "/x");
      assert.equal(line.RequestHost, "shop.test");
      assert.equal(line.DownstreamStatus, 200);
      assert.equal(line.RouterName, "web-r/shop/web/0@file");
      assert.equal(line.ClientHost, "127.0.0.1");
      assert.equal(text.includes("hush"), false);

      for (let round = 0; round < 4; round++) {
        await until("the file is over its budget", async () => {
          await ask(ingress.http, "shop.test", `/${"y".repeat(500)}`);
          return (await sizeOf(accessLogFile)) > 2_000;
        });
        await ingress.converge(input);
        await until("it was reopened", async () => {
          await ask(ingress.http, "shop.test");
          return (await sizeOf(accessLogFile)) > 0;
        });
      }
      const logs = [...Deno.readDirSync(`${ingress.dir}/traefik`)].map(({ name }) => name)
        .filter((name) => name.startsWith("access.log")).sort();
      assert.deepEqual(logs, ["access.log", "access.log.1", "access.log.2"]);
    });
  }, { accessLog: { fileBytes: 2_000, keep: 2 } });
});

async function sizeOf(path: string): Promise<number> {
  return await Deno.stat(path).then((stat) => stat.size, () => 0);
}

Deno.test("a template in a file name is taken literally", async () => {
  // Braces reach the file through the certificate's path alone; everything else refuses them.
  const temporary = await Deno.makeTempDir();
  const dir = `${temporary}/{{ env "PATH" }}`;
  await Deno.mkdir(dir);
  try {
    await withIngress(async (ingress) => {
      const { certFile, keyFile } = await ingress.certificates.ensure(["localhost"], Date.now());
      await Deno.copyFile(certFile, `${dir}/leaf.pem`);
      await Deno.copyFile(keyFile, `${dir}/leaf.key`);
      await ingress.converge({ routes: [] });
      const certificate = { certFile: `${dir}/leaf.pem`, keyFile: `${dir}/leaf.key` };
      const config = { digest: "literal", routes: [], certificate };
      await ingress.traefik.publish(config, await ingress.pid(), SIGNAL);
      using client = Deno.createHttpClient({
        caCerts: [await Deno.readTextFile(ingress.certificates.caFile)],
      });
      const secure = ingress.https.replace("127.0.0.1", "localhost");
      const response: Response = await fetch(secure, { client });
      assert.equal(response.status, 404);
      await response.body?.cancel();
    });
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});

Deno.test("Traefik takes every file that can be made, whatever the strings", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("{{ env `HOME` }}", "a`b", "/..", "/%2e", "a.test", "/api", "{{.}}", "/a'b\"c"),
    fc.stringMatching(/^\/[A-Za-z0-9._~!$&'()*+,=:@-]{1,20}$/),
    fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,8}[a-z0-9](\.[a-z0-9]{1,5}){0,2}$/),
  );
  const route = fc.record({
    id: text,
    host: fc.option(text),
    path: text,
    tls: fc.constantFrom("both" as const, "redirect" as const, "off" as const),
    allow: fc.array(fc.constantFrom("10.0.0.0/8", "::1", "fd00::/8", "1.2.3.4")),
    servers: fc.constantFrom([], ["127.0.0.1:1"], ["127.0.0.1:1", "127.0.0.2:1"]),
    healthPath: fc.option(text),
    healthTimeoutMs: fc.nat(60_000),
  });
  await withIngress(async (ingress) => {
    await ingress.converge({ routes: [] });
    const pid = await ingress.pid();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(route, { maxLength: 8 }), async (routes) => {
        const config = { digest: `run ${run++}`, routes, certificate: null };
        await ingress.traefik.publish(config, pid, SIGNAL);
        assert.equal((await ingress.traefik.look()).digest, config.digest);
      }),
      { numRuns: 40 },
    );
    const complaints = (await Deno.readTextFile(ingress.traefik.files.logFile)).split("\n")
      .filter((line) => line.includes('"level":"error"'));
    assert.deepEqual(complaints, []);
  });
});
