/** An agent without containers: it fetches and verifies its intent and reports as it is told. */
import nacl from "tweetnacl";
import { signedTransport } from "../../agent/sync/signed_transport.ts";
import { API_ORIGIN } from "../../shared/api/client.ts";
import { EnrollAnswer, StatusAnswer } from "../../shared/api/agent.ts";
import { sha256 } from "../../shared/model/hash.ts";
import type { DeploymentId, NodeId } from "../../shared/model/ids.ts";
import { type Manifest, SignedManifest } from "../../shared/model/manifest.ts";
import type { DeploymentReport, Report } from "../../shared/model/report.ts";
import { type Deployment, Section } from "../../shared/model/sections.ts";
import { openSealed } from "../../shared/sealing/seal.ts";
import { decodeBase64, encodeBase64 } from "../../shared/signing/base64.ts";
import { systemClock } from "../../shared/clock.ts";
import { createSigner, openManifest } from "../../shared/signing/ed25519.ts";
import type { ControlApp } from "../app.ts";
import { NOBODY } from "../authz/caller.ts";

/** What is to become of a deployment that is wanted to run; by service name. */
export type Fate = "runs" | "starts" | "fails" | "completes";

export interface FakeAgent {
  readonly node: NodeId;
  readonly fates: Map<string, Fate>;
  /** The intent that was fetched last. */
  sections(): readonly Section[];
  manifest(): Manifest;
  deployments(): Deployment[];
  /** Fetches what is expected; false: nothing new. */
  fetch(): Promise<boolean>;
  /** Reports once on what was fetched. */
  report(over?: Partial<Report>): Promise<StatusAnswer>;
  /** Fetches and reports until nothing changes. */
  settle(): Promise<void>;
  unseal(sealed: string): string;
  /** Signed. `to`: another control plane of the same database. */
  request(path: string, init?: RequestInit, to?: ControlApp): Promise<Response>;
}

/** Joins with a fresh token. `now`: when its containers start. */
export async function joinFakeAgent(
  app: ControlApp,
  name = "box",
  now: () => number = () => 1,
): Promise<FakeAgent> {
  const sign = nacl.sign.keyPair();
  const seal = nacl.box.keyPair();
  const wg = nacl.box.keyPair();
  const publicKey = encodeBase64(sign.publicKey);
  const ed25519 = createSigner(sign.secretKey.subarray(0, 32));
  let counter = 0n;
  const sender = (keyId: string, to: ControlApp) =>
    signedTransport({
      send: (request) => to.fetch(request, NOBODY),
      signer: { keyId, sign: ed25519 },
      counter: {
        next: async () => counter++,
        async skip() {
          counter += 1_024n;
        },
      },
      clock: systemClock,
    });
  const answer = await sender(publicKey, app)(
    new Request(`${API_ORIGIN}/api/v1/agent/enroll`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        token: app.createEnrollToken(),
        name,
        keys: {
          sign: publicKey,
          seal: encodeBase64(seal.publicKey),
          wg: encodeBase64(wg.publicKey),
        },
        agent: { version: "test", features: [] },
        addresses: [],
      }),
    }),
  );
  const enrolled = EnrollAnswer.parse(await answer.json());
  const trusted = new Map([
    [enrolled.controlKey.id, decodeBase64(enrolled.controlKey.publicKey)],
  ]);
  const fates = new Map<string, Fate>();
  /** With the time of each one's start. */
  const containers = new Map<DeploymentId, number>();
  let etag: string | null = null;
  let manifest: Manifest | null = null;
  let sections: Section[] = [];
  let sequence = 0;

  const request = (path: string, init: RequestInit = {}, to: ControlApp = app) =>
    sender(enrolled.nodeKey, to)(new Request(`${API_ORIGIN}${path}`, init));
  const current = () => {
    if (manifest === null) throw new Error("nothing was fetched yet");
    return manifest;
  };
  const deployments = () =>
    sections.flatMap((section) => section.capability === "containers" ? section.deployments : []);

  function reportOf(deployment: Deployment, all: readonly Deployment[]): DeploymentReport {
    const fate = fates.get(deployment.serviceName) ?? "runs";
    const replacement = all.find((each) => each.replaces === deployment.id && each.want === "run");
    const replaced = replacement !== undefined &&
      ["runs", "completes"].includes(fates.get(replacement.serviceName) ?? "runs");
    const goes = deployment.want === "absent" || deployment.want === "retire" &&
        (replacement === undefined || replaced);
    if (goes) containers.delete(deployment.id);
    else if (!containers.has(deployment.id)) containers.set(deployment.id, now());
    const runs = containers.has(deployment.id);
    const wanted = deployment.want === "run";
    const stage = !runs
      ? "stopped"
      : !wanted
      ? "running"
      : fate === "runs"
      ? "running"
      : fate === "fails"
      ? "failed"
      : fate === "completes"
      ? "completed"
      : "starting";
    return {
      id: deployment.id,
      stage,
      reason: stage === "failed" ? { code: "deadline", message: "not healthy in time" } : null,
      health: stage === "running" ? "healthy" : runs ? "starting" : "none",
      container: runs
        ? {
          id: sha256(deployment.id),
          state: stage === "completed" ? "exited" : "running",
          exitCode: null,
          startedAt: containers.get(deployment.id) ?? 1,
          finishedAt: null,
        }
        : null,
      restarts: 0,
      pull: null,
    };
  }

  const agent: FakeAgent = {
    node: enrolled.node,
    fates,
    sections: () => sections,
    manifest: current,
    deployments,
    request,
    unseal: (sealed) => new TextDecoder().decode(openSealed(seal.secretKey, decodeBase64(sealed))),
    async fetch() {
      const response = await request("/api/v1/agent/expected-state", {
        headers: etag === null ? {} : { "if-none-match": etag },
      });
      if (response.status === 304) return false;
      manifest = openManifest(SignedManifest.parse(await response.json()), trusted);
      etag = response.headers.get("etag");
      const found: Section[] = [];
      for (const ref of manifest.sections) {
        const blob = await request(`/api/v1/agent/blobs/${ref.sha256}`);
        const text = await blob.text();
        if (sha256(text) !== ref.sha256) throw new Error(`blob of ${ref.section} is another`);
        found.push(Section.parse(JSON.parse(text)));
      }
      sections = found;
      return true;
    },
    async report(over = {}) {
      const all = deployments();
      const reports = all.map((each) => reportOf(each, all));
      const body: Report = {
        node: enrolled.node,
        bootId: "boot",
        sequence: sequence++,
        at: 1,
        agent: { version: "test", features: [] },
        epoch: current().epoch,
        revision: current().revision,
        state: "idle",
        verdicts: [],
        deployments: reports,
        routes: [],
        volumes: [],
        images: all.filter((each) => each.image.id === null && containers.has(each.id)).map((
          each,
        ) => ({
          pin: each.spec.image.pin,
          reference: each.image.reference,
          digest: each.image.digest,
          id: sha256(each.image.reference),
        })),
        addresses: all.filter((each) => containers.has(each.id)).flatMap((each) => each.addresses),
        ingress: null,
        ...over,
      };
      const response = await request("/api/v1/agent/status", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(await response.text());
      return StatusAnswer.parse(await response.json());
    },
    async settle() {
      for (let turn = 0; turn < 20; turn++) {
        const fetched = await agent.fetch();
        const { revision } = await agent.report();
        if (!fetched && revision === current().revision) return;
      }
      throw new Error("it does not settle");
    },
  };
  await agent.fetch();
  await agent.report();
  return agent;
}
