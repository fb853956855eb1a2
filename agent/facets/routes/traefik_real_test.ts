/** What a real Traefik serves (3.7.3 or newer: SKERRY_TRAEFIK, PATH or /usr/local/lib/skerry). */
import assert from "node:assert/strict";
import { routeReports } from "./reports.ts";
import { ask, testPort, until, withIngress, withServer } from "./ingress_fixture.ts";
import { deployment, routesOf, worldOf } from "./world_fixture.ts";

const A = "127.0.0.11";
const B = "127.0.0.12";
const one = deployment("one", A);
const two = deployment("two", B);
/** One whose own check by HTTP the proxy makes, too. */
const checked = (id: string, address: string, port: number, timeoutMs = 1_000) =>
  deployment(id, address, {
    spec: {
      health: {
        kind: "http",
        path: "/",
        port,
        intervalMs: 1_000,
        timeoutMs,
        retries: 3,
        startPeriodMs: 0,
        startIntervalMs: 500,
      },
      routed: [],
    },
  });

Deno.test("routes answer by host and path; unknown hosts do not; no server is 503", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    await withServer(
      A,
      port,
      (request) => new Response(new URL(request.url).pathname),
      async () => {
        const routes = [
          routesOf("shop", { port }, { path: "/api", port, host: null }),
          routesOf("void", { service: deployment("x", A).service, port: 1 }),
        ];
        const steps = await ingress.converge({ routes, serving: [one] });
        assert.deepEqual(steps, ["start", "publish"]);
        assert.deepEqual(await ingress.converge({ routes, serving: [one] }), []);
        assert.equal((await ask(ingress.http, "shop.test", "/x?secret=1")).body, "/x");
        assert.equal((await ask(ingress.http, "SHOP.test", "/")).status, 200);
        assert.equal((await ask(ingress.http, "other.test", "/x")).status, 404);
        for (const [path, status] of [["/api", 200], ["/api/x", 200], ["/apix", 404]] as const) {
          assert.equal((await ask(ingress.http, "other.test", path)).status, status, path);
        }
        // A way past a prefix is none.
        assert.equal((await ask(ingress.http, "shop.test", "/x/..%2fapi")).status, 400);
        assert.equal((await ask(ingress.http, "other.test", "/x/%2e%2e/api")).body, "/api");
        assert.deepEqual(await ingress.converge({ routes, serving: [] }), ["publish"]);
        assert.equal((await ask(ingress.http, "shop.test")).status, 503);
        const seen = await ingress.facet.observe(worldOf({ routes }).desired);
        const reports = routeReports(worldOf({ routes, seen }));
        assert.deepEqual(
          reports.map(({ reason }) => reason?.code),
          Array(3).fill("no_healthy_server"),
        );
      },
    );
  });
});

Deno.test("dashboard and API are off; the probe is not on the outer ports", async () => {
  await withIngress(async (ingress) => {
    await ingress.converge({ routes: [] });
    const internal = (await Deno.readTextFile(ingress.traefik.files.internalPortFile)).trim();
    for (const base of [ingress.http, `http://127.0.0.1:${internal}`]) {
      for (const path of ["/dashboard/", "/api/rawdata", "/api/overview", "/debug/pprof/"]) {
        assert.equal((await ask(base, "localhost", path)).status, 404, base + path);
      }
    }
    assert.equal((await ask(ingress.http, "localhost", "/ping")).status, 404);
  });
});

Deno.test("a bad or conflicting route is left out and harms no neighbour", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    await withServer(A, port, () => new Response("fine"), async () => {
      const routes = [
        routesOf("shop", { port }, { host: "a`b", port }, { path: "/{{ env `X` }}", port }, {
          host: "ok.test",
          allow: ["nonsense"],
          port,
        }),
        routesOf("zoo", { host: "shop.test", port, allow: ["10.9.9.9"] }),
      ];
      await ingress.converge({ routes, serving: [one] });
      assert.equal((await ask(ingress.http, "shop.test")).body, "fine");
      assert.equal((await ask(ingress.http, "ok.test")).status, 404);
      const seen = await ingress.facet.observe(worldOf({ routes }).desired);
      const codes = routeReports(worldOf({ routes, serving: [one], seen }))
        .map(({ reason }) => reason?.code ?? null);
      assert.deepEqual(codes, [
        null,
        "route_invalid_host",
        "route_invalid_path",
        "route_invalid_allow",
        "route_conflict",
      ]);
    });
  });
});

Deno.test("an allow list keeps others out", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    await withServer(A, port, () => new Response("fine"), async () => {
      const routes = [
        routesOf(
          "shop",
          { port, allow: ["127.0.0.0/8"] },
          { host: "closed.test", port, allow: ["10.1.2.3/32"] },
          { host: "gone.test", port, allow: ["10.1.2.3/32"], tls: "redirect" },
        ),
      ];
      await ingress.converge({ routes, serving: [one] });
      const forged = { "x-forwarded-for": "10.1.2.3", "x-real-ip": "10.1.2.3" };
      assert.equal((await ask(ingress.http, "shop.test")).status, 200);
      assert.equal((await ask(ingress.http, "closed.test", "/", forged)).status, 403);
      assert.equal((await ask(ingress.http, "gone.test", "/", forged)).status, 403);
    });
  });
});

Deno.test("an app hears from the proxy alone whom it serves", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    const answer = ({ headers }: Request) =>
      Response.json([...headers].filter(([name]) => /forwarded|real-ip/.test(name)));
    await withServer(A, port, answer, async () => {
      await ingress.converge({ routes: [routesOf("shop", { port })], serving: [one] });
      const forged: Record<string, string> = { forwarded: "for=10.1.2.3;proto=https" };
      for (const name of ["For", "Host", "Proto", "Prefix", "Uri"]) {
        forged[`X-Forwarded-${name}`] = "10.1.2.3";
        forged[`X_Forwarded_${name}`] = "10.1.2.3";
      }
      const { body } = await ask(ingress.http, "shop.test", "/", forged);
      assert.match(body, /"x-forwarded-for","127\.0\.0\.1"/);
      assert.doesNotMatch(body, /10\.1\.2\.3/);
    });
  });
});

Deno.test("https with the node's own certificate, redirect and http only", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    await withServer(A, port, () => new Response("fine"), async () => {
      const routes = [
        routesOf("shop", { host: "localhost", port }, { path: "/go", port, tls: "redirect" }, {
          host: "plain.test",
          port,
          tls: "off",
        }),
      ];
      await ingress.converge({ routes, serving: [one] });
      const ca = await Deno.readTextFile(ingress.certificates.caFile);
      using client = Deno.createHttpClient({ caCerts: [ca] });
      const secure = ingress.https.replace("127.0.0.1", "localhost");
      const response: Response = await fetch(secure, { client });
      assert.equal(await response.text(), "fine");
      await assert.rejects(fetch(secure));
      const { httpsPort } = ingress.traefik;
      const redirect = await ask(ingress.http, "shop.test", "/go/x?y=1");
      assert.equal(redirect.status, 302);
      assert.equal(redirect.location, `https://shop.test:${httpsPort}/go/x?y=1`);
      assert.equal((await ask(ingress.http, "plain.test")).body, "fine");

      // A new host is a new certificate, with no request to a stale pair in between.
      const more = [...routes, routesOf("zoo", { host: "zoo.test", port })];
      const before = (await ingress.traefik.look()).certFile;
      await ingress.converge({ routes: more, serving: [one] });
      assert.notEqual((await ingress.traefik.look()).certFile, before);
      const again: Response = await fetch(secure, { client });
      assert.equal(await again.text(), "fine");
    });
  });
});

Deno.test("servers are swapped under load and no request is lost", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    const routes = [routesOf("shop", { host: null, port })];
    const [one, two] = [checked("one", A, port), checked("two", B, port)];
    await withServer(
      A,
      port,
      () => new Response("one"),
      () =>
        withServer(B, port, () => new Response("two"), async () => {
          await ingress.converge({ routes, serving: [one] });
          const answers = new Map<string, number>();
          let stop = false;
          const client = async () => {
            while (!stop) {
              const response = await fetch(ingress.http);
              const key = `${response.status} ${await response.text()}`;
              answers.set(key, (answers.get(key) ?? 0) + 1);
            }
          };
          const clients = [client(), client(), client(), client()];
          for (const serving of [[one, two], [two], [one], [two]]) {
            await ingress.converge({ routes, serving });
            const before = answers.get("200 two") ?? 0;
            await until(
              "both were asked",
              () =>
                serving.length === 1 && serving[0] === one ||
                (answers.get("200 two") ?? 0) > before + 20,
            );
          }
          stop = true;
          await Promise.all(clients);
          assert.deepEqual([...answers.keys()].sort(), ["200 one", "200 two"]);
        }),
    );
  });
});

Deno.test("after the publication a retired server gets no request", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    const routes = [routesOf("shop", { host: null, port })];
    await withServer(B, port, () => new Response("two"), async () => {
      await withServer(A, port, () => new Response("one"), async () => {
        await ingress.converge({ routes, serving: [one] });
        await ingress.converge({ routes, serving: [two] });
      });
      // The old one is gone now.
      for (let i = 0; i < 200; i++) {
        const response = await fetch(ingress.http);
        assert.equal(await response.text(), "two");
      }
    });
  });
});

Deno.test("a page that answers 500 takes nothing else down", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    const handler = (request: Request) =>
      new Response("x", { status: request.url.endsWith("/bad") ? 500 : 200 });
    await withServer(A, port, handler, async () => {
      const routes = [routesOf("shop", { port })];
      await ingress.converge({ routes, serving: [checked("one", A, port)] });
      for (let i = 0; i < 10; i++) {
        assert.equal((await ask(ingress.http, "shop.test", "/bad")).status, 500);
        assert.equal((await ask(ingress.http, "shop.test", "/good")).status, 200);
      }
    });
  });
});

Deno.test("a check that takes as long as its service may take nothing out", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    let checks = 0;
    const handler = async (request: Request) => {
      if (request.url.endsWith("/page")) return new Response("fine");
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      checks += 1;
      return new Response("well");
    };
    await withServer(A, port, handler, async () => {
      const routes = [routesOf("shop", { port })];
      await ingress.converge({ routes, serving: [checked("one", A, port, 8_000)] });
      await until("a check to be answered", () => checks > 0);
      for (let i = 0; i < 10; i++) {
        assert.equal((await ask(ingress.http, "shop.test", "/page")).status, 200);
      }
    });
  });
});

Deno.test("WebSocket, server-sent events and a 200 MB upload pass", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    const next = Promise.withResolvers<void>();
    const handler = async (request: Request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/ws") {
        const { socket, response } = Deno.upgradeWebSocket(request);
        socket.onmessage = ({ data }) => socket.send(`echo ${data}`);
        return response;
      }
      if (pathname === "/sse") return new Response(events(next.promise), { headers: EVENT_STREAM });
      let bytes = 0;
      for await (const chunk of request.body ?? []) bytes += chunk.byteLength;
      return new Response(String(bytes));
    };
    await withServer(A, port, handler, async () => {
      await ingress.converge({ routes: [routesOf("shop", { host: null, port })], serving: [one] });

      const socket = new WebSocket(`${ingress.http.replace("http", "ws")}/ws`);
      const echoed = new Promise((resolve) => {
        socket.onopen = () => socket.send("hello");
        socket.onmessage = ({ data }) => resolve(data);
      });
      assert.equal(await echoed, "echo hello");
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;

      const stream = await fetch(`${ingress.http}/sse`);
      const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
      assert.equal((await reader?.read())?.value, "data: 1\n\n");
      // Only now does the server send the second one: nothing held the first back.
      next.resolve();
      assert.equal((await reader?.read())?.value, "data: 2\n\n");
      assert.equal((await reader?.read())?.done, true);

      const chunk = new Uint8Array(1024 * 1024);
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (sent++ < 200) controller.enqueue(chunk);
          else controller.close();
        },
      });
      const upload = await fetch(`${ingress.http}/up`, { method: "POST", body });
      assert.equal(await upload.text(), String(200 * 1024 * 1024));
    });
  });
});

const EVENT_STREAM = { "content-type": "text/event-stream" };

function events(next: Promise<void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(encoder.encode("data: 1\n\n"));
      await next;
      controller.enqueue(encoder.encode("data: 2\n\n"));
      controller.close();
    },
  });
}
