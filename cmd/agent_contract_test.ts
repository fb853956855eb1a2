/**
 * What an agent and its control plane say to each other, the same over a function call and over the
 * socket: enrolment, expected state, blobs, reports, and what is refused.
 */
import assert from "node:assert/strict";
import type { RequestCounter } from "../agent/sync/counter.ts";
import { openCounter } from "../agent/sync/counter.ts";
import { createControlClient } from "../agent/sync/control_client.ts";
import { loadNodeKeys, type NodeKeys } from "../agent/sync/node_keys.ts";
import { signedTransport } from "../agent/sync/signed_transport.ts";
import { testModel, testRequest, testService } from "../control/testing/models.ts";
import type { EnrollAnswer } from "../shared/api/agent.ts";
import { API_ORIGIN, createApiClient, type Transport } from "../shared/api/client.ts";
import { systemClock } from "../shared/clock.ts";
import { homeLayout } from "../shared/home.ts";
import { silentLog } from "../shared/log.ts";
import { sha256 } from "../shared/model/hash.ts";
import { NodeId } from "../shared/model/ids.ts";
import type { Report } from "../shared/model/report.ts";
import { decodeBase64 } from "../shared/signing/base64.ts";
import { createSigner, openManifest } from "../shared/signing/ed25519.ts";
import { HEADERS } from "../shared/signing/request.ts";
import { type ControlServer, startControl } from "./control_server.ts";
import { readJoinToken } from "./join_token.ts";
import { socketTransport } from "./socket_transport.ts";
import { NOBODY } from "../control/authz/caller.ts";

type Kind = "function call" | "unix socket";
const ENROLL = "/api/v1/agent/enroll";
const STATE = "/api/v1/agent/expected-state";
const forever = new AbortController().signal;

/** A control plane with a way to it. */
async function open(kind: Kind, body: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "skerry-contract-" });
  const layout = homeLayout(`${folder}/home`);
  const start = () =>
    startControl({
      options: {
        layout,
        listen: { hostname: "127.0.0.1", port: 0 },
        containerCidr: "10.210.0.0/16",
        meshCidr: "10.110.0.0/16",
        zone: "internal",
        logLevel: "error",
      },
      ingress: { httpPort: 80, httpsPort: 443 },
      links: () => null,
      joinToken: true,
      log: silentLog,
    });
  let control = await start();
  using socket = socketTransport(layout.controlSocket);
  const send: Transport = kind === "unix socket"
    ? socket.send
    : (request) => control.app.fetch(request, NOBODY);
  try {
    await body({
      folder,
      send,
      control: () => control,
      token: () => readJoinToken(layout),
      async restart() {
        await control.close();
        control = await start();
      },
    });
  } finally {
    await control.close();
    await Deno.remove(layout.runDir, { recursive: true });
    await Deno.remove(folder, { recursive: true });
  }
}

interface Bench {
  readonly folder: string;
  readonly send: Transport;
  control(): ControlServer;
  token(): Promise<string | null>;
  restart(): Promise<void>;
}

interface Node {
  readonly keys: NodeKeys;
  readonly counter: RequestCounter;
  readonly answer: EnrollAnswer;
  readonly enrol: (token: string) => Promise<EnrollAnswer>;
  /** `send`: another way, which may look at or change what is sent. */
  client(send?: Transport): ReturnType<typeof createControlClient>;
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

async function joinNode(bench: Bench, name: string, token: string): Promise<Node> {
  const keys = await loadNodeKeys(`${bench.folder}/${name}`, random);
  const counter = await openCounter(`${bench.folder}/${name}`, systemClock.now());
  const sign = createSigner(keys.signSeed);
  const over = (keyId: string, send: Transport) =>
    createControlClient(
      signedTransport({ send, signer: { keyId, sign }, counter, clock: systemClock }),
    );
  const agent = { version: "test", features: [] };
  const enrol = (given: string) =>
    over(keys.public.sign, bench.send).enroll(
      { token: given, name, keys: keys.public, agent, addresses: [] },
      forever,
    );
  const answer = await enrol(token);
  return {
    keys,
    counter,
    answer,
    enrol,
    client: (send = bench.send) => over(answer.nodeKey, send),
  };
}

const reportOf = (node: NodeId): Report => ({
  node,
  bootId: "boot",
  sequence: 0,
  at: 1,
  agent: { version: "test", features: [] },
  epoch: null,
  revision: null,
  state: "idle",
  verdicts: [],
  deployments: [],
  routes: [],
  volumes: [],
  images: [],
  addresses: [],
  ingress: null,
});

/** The status and code that a request as it was sent gets when it is sent again. */
async function answerTo(bench: Bench, request: Request): Promise<string> {
  const response = await bench.send(request);
  const text = await response.text();
  if (response.ok) return String(response.status);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  return `${response.status} ${JSON.parse(text).code}`;
}

for (const kind of ["function call", "unix socket"] as const) {
  const contract = (name: string, body: (bench: Bench) => Promise<void>) =>
    Deno.test(`${kind}: ${name}`, () => open(kind, body));

  contract(
    "a node joins by the token that is left, and reports; then the token goes",
    async (bench) => {
      const token = await bench.token();
      assert.ok(token !== null);
      const node = await joinNode(bench, "box", token);
      assert.deepEqual(await node.enrol(token), node.answer, "its answer may have been lost");
      await assert.rejects(joinNode(bench, "other", token), { code: "token_refused" });
      const answer = await node.client().report(reportOf(node.answer.node), forever);
      assert.deepEqual(answer.epoch, node.answer.epoch);
      assert.equal(bench.control().app.awaitsNode(), false);
      await bench.restart();
      assert.equal(await bench.token(), null);
    },
  );

  contract("expected state: a tag, a wait that a change ends, and blobs", async (bench) => {
    const node = await joinNode(bench, "box", bench.control().app.createEnrollToken());
    const client = node.client();
    const first = await client.expectedState(null, 0, forever);
    assert.equal(first.kind, "manifest");
    if (first.kind !== "manifest") return;
    const { id, publicKey } = node.answer.controlKey;
    const trusted = new Map([[id, decodeBase64(publicKey)]]);
    const manifest = openManifest(first.signed, trusted);
    assert.equal(manifest.node, node.answer.node);
    for (const section of manifest.sections) {
      assert.equal(sha256(await client.blob(section.sha256, forever)), section.sha256);
    }
    await assert.rejects(client.blob(sha256("another"), forever), { code: "not_found" });
    assert.equal((await client.expectedState(first.etag, 0, forever)).kind, "unchanged");
    const held = client.expectedState(first.etag, 60, forever);
    const api = createApiClient((request) =>
      bench.control().app.fetch(request, { kind: "root", via: "process" })
    );
    await api.createRelease("shop", testRequest(testModel("shop", { web: testService() })));
    const next = await held;
    assert.equal(next.kind, "manifest");
    if (next.kind !== "manifest") return;
    assert.equal(openManifest(next.signed, trusted).revision, manifest.revision + 1);
  });

  contract("a request without a signature, or with a wrong one, is refused", async (bench) => {
    const node = await joinNode(bench, "box", bench.control().app.createEnrollToken());
    assert.equal(await answerTo(bench, new Request(`${API_ORIGIN}${STATE}`)), "401 not_signed");
    const empty = { method: "POST", body: "{}" };
    const enrol = new Request(`${API_ORIGIN}${ENROLL}`, empty);
    assert.equal(await answerTo(bench, enrol), "401 not_signed");
    const changes: readonly [string, (sent: Request) => Request][] = [
      ["401 bad_signature", (sent) => new Request(`${sent.url}?wait=1`, sent)],
      ["401 bad_signature", (sent) => new Request(sent.url.replace("status", "enroll"), sent)],
      ["401 bad_signature", (sent) => new Request(sent, { method: "PUT" })],
      ["401 bad_digest", (sent) => {
        return new Request(sent.url, { method: "POST", headers: sent.headers, body: "{}" });
      }],
      ["401 bad_signature", (sent) => withHeader(sent, HEADERS.counter, "1")],
      ["401 bad_signature", (sent) => withHeader(sent, HEADERS.signature, null)],
      ["401 unknown_key", (sent) => {
        const input = sent.headers.get(HEADERS.input) ?? "";
        return withHeader(sent, HEADERS.input, input.replace(/key_.{4}/, "key_aaaa"));
      }],
    ];
    for (const [expected, change] of changes) {
      let seen = "";
      const spoilt = node.client(async (sent) => {
        seen = await answerTo(bench, change(sent));
        return new Response("{}", { status: 500 });
      });
      await assert.rejects(spoilt.report(reportOf(node.answer.node), forever));
      assert.equal(seen, expected);
    }
  });

  contract("a node speaks for itself alone, and is no person", async (bench) => {
    const { app } = bench.control();
    const one = await joinNode(bench, "one", app.createEnrollToken());
    const two = await joinNode(bench, "two", app.createEnrollToken());
    await assert.rejects(one.client().report(reportOf(two.answer.node), forever), {
      code: "wrong_node",
    });
    const sign = createSigner(two.keys.signSeed);
    const signer = { keyId: one.answer.nodeKey, sign };
    const { counter } = two;
    const clock = systemClock;
    const forged = createControlClient(
      signedTransport({ send: bench.send, signer, counter, clock }),
    );
    await assert.rejects(forged.expectedState(null, 0, forever), { code: "bad_signature" });
    // Its own key by itself joins, and does nothing else; and by its id it is no person.
    for (
      const [keyId, path, expected] of [
        [two.keys.public.sign, STATE, "403"],
        [two.answer.nodeKey, "/api/v1/nodes", "403"],
      ] as const
    ) {
      const sent = signedTransport({ send: bench.send, signer: { keyId, sign }, counter, clock });
      const response = await sent(new Request(`${API_ORIGIN}${path}`));
      await response.body?.cancel();
      assert.equal(String(response.status), expected, path);
    }
  });

  contract(
    "a replay is refused, over a new start too, and the node itself goes on",
    async (bench) => {
      const node = await joinNode(bench, "box", bench.control().app.createEnrollToken());
      const sent: Request[] = [];
      const copied = node.client((request) => {
        sent.push(request.clone());
        return bench.send(request);
      });
      await copied.expectedState(null, 0, forever);
      await copied.report(reportOf(node.answer.node), forever);
      const replay = async () => {
        for (const each of sent) assert.equal(await answerTo(bench, each.clone()), "401 replayed");
      };
      await replay();
      await bench.restart();
      await replay();
      await node.client().report(reportOf(node.answer.node), forever);
      await node.counter.skip();
      await node.client().report(reportOf(node.answer.node), forever);
      await replay();
    },
  );

  contract("a node that is behind the mark skips a block and gets in", async (bench) => {
    const node = await joinNode(bench, "box", bench.control().app.createEnrollToken());
    await node.client().report(reportOf(node.answer.node), forever);
    const used = await node.counter.next() - 1n;
    let skips = 0;
    const behind: RequestCounter = {
      next: () => skips === 0 ? Promise.resolve(used) : node.counter.next(),
      skip() {
        skips++;
        return node.counter.skip();
      },
    };
    const signer = { keyId: node.answer.nodeKey, sign: createSigner(node.keys.signSeed) };
    const client = createControlClient(
      signedTransport({ send: bench.send, signer, counter: behind, clock: systemClock }),
    );
    await client.report(reportOf(node.answer.node), forever);
    assert.equal(skips, 1);
  });
}

function withHeader(sent: Request, name: string, value: string | null): Request {
  const headers = new Headers(sent.headers);
  if (value === null) headers.delete(name);
  else headers.set(name, value);
  return new Request(sent, { headers });
}

Deno.test("the token to join is for root alone, and people on the socket stay root", () =>
  open("unix socket", async (bench) => {
    const { runDir } = homeLayout(`${bench.folder}/home`);
    const { mode } = await Deno.stat(`${runDir}/join-token`);
    assert.equal((mode ?? 0) & 0o777, 0o600);
    assert.deepEqual(await createApiClient(bench.send).nodes(), []);
    const node = await joinNode(bench, "box", await bench.token() ?? "");
    await node.client().report(reportOf(node.answer.node), forever);
    const gone = () => bench.token().then((token) => token === null);
    for (let tries = 0; tries < 200 && !await gone(); tries++) await systemClock.sleep(10);
    assert.equal(await bench.token(), null);
    const [shown] = await createApiClient(bench.send).nodes();
    assert.equal(shown?.online, true);
  }));

Deno.test("while nobody listens, that is said", async () => {
  using socket = socketTransport("/run/skerry-none/control.sock");
  await assert.rejects(socket.send(new Request(`${API_ORIGIN}${STATE}`)), {
    code: "control_unreachable",
  });
});
