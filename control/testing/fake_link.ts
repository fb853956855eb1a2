/** A node's sessions without a node. */
import { SkerryError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/model/hash.ts";
import type { DiskReport } from "../../shared/model/disk.ts";
import type { Sample } from "../../shared/metrics/families.ts";
import {
  type LatestMetrics,
  type MetricSeries,
  type MetricsRequest,
  NO_VALUES,
} from "../../shared/model/metrics.ts";
import type { NodeEvent } from "../../shared/model/event.ts";
import type {
  AgentLink,
  DetachedStart,
  ImageCheck,
  ImageOnNode,
  LogLine,
  LogRequest,
  ResolvedImage,
} from "../../shared/model/link.ts";

export interface FakeLink extends AgentLink {
  /** What references mean; `not_found` and `unreachable` are errors; absent: a digest made of the text. */
  readonly images: Map<string, ResolvedImage | "not_found" | "unreachable" | "hangs">;
  /** What `listImages` gives. */
  readonly imagesHere: ImageOnNode[];
  /** What a verification finds, by reference; absent: it is whole. */
  readonly checks: Map<string, ImageCheck>;
  readonly lines: LogLine[];
  /** What happened. */
  readonly happened: NodeEvent[];
  /** Volumes that were removed, by engine name. */
  readonly removed: string[];
  /** What the node says of its disk. */
  diskNow: DiskReport | null;
  /** What everything uses. */
  latestNow: LatestMetrics;
  /** What was asked of its metrics. */
  readonly metricsAsked: MetricsRequest[];
  /** Figures instead of a straight line. */
  seriesNow: ((request: MetricsRequest) => MetricSeries[]) | null;
  /** What comes to those who follow logs after all lines were told; null: the stream ends. */
  more: ((request: LogRequest, signal: AbortSignal) => AsyncIterable<LogLine>) | null;
  /** What the agent tells Prometheus. */
  readonly told: Sample[];
  /** Volumes that images on the node declare, by id or `repository@digest`. */
  readonly imageVolumes: Map<string, readonly string[]>;
  /** References in the order that they were asked. */
  readonly asked: string[];
  /** Runs that were begun, and numbers of those that were ended. */
  readonly started: DetachedStart[];
  readonly stopped: number[];
  /** The password that each registry takes; absent: it is not reached; null: it wants none. */
  readonly passwords: Map<string, string | null>;
  /** Revisions that were waited for. */
  readonly awaited: number[];
  /** Services whose jobs are kept from being run. */
  readonly suspended: Set<string>;
}

/** A link that answers at once. */
export function createFakeLink(): FakeLink {
  const images: FakeLink["images"] = new Map();
  const imagesHere: ImageOnNode[] = [];
  const checks: FakeLink["checks"] = new Map();
  const lines: LogLine[] = [];
  const events: NodeEvent[] = [];
  const removed: string[] = [];
  const imageVolumes: FakeLink["imageVolumes"] = new Map();
  const asked: string[] = [];
  const started: DetachedStart[] = [];
  const stopped: number[] = [];
  const passwords: FakeLink["passwords"] = new Map();
  const awaited: number[] = [];
  const suspended = new Set<string>();
  const metricsAsked: MetricsRequest[] = [];
  const told: Sample[] = [];
  return {
    started,
    stopped,
    suspended,
    images,
    imagesHere,
    checks,
    lines,
    happened: events,
    removed,
    imageVolumes,
    asked,
    diskNow: null,
    seriesNow: null,
    more: null,
    metricsAsked,
    told,
    latestNow: {
      at: 0,
      node: { values: NO_VALUES, bounds: { cpu: 2, memory: null, disk_used: null } },
      containers: [],
    },
    async metrics(request) {
      metricsAsked.push(request);
      const { from, to, points } = request;
      const stepMs = Math.ceil((to - from) / points);
      if (this.seriesNow !== null) return { from, to, stepMs, series: this.seriesNow(request) };
      const labels = request.subject.kind === "node" ? {} : { slot: "1" };
      const line = Array.from({ length: points }, (_, index) => index === 0 ? null : index);
      return { from, to, stepMs, series: [{ name: "cpu", unit: "cores", labels, points: line }] };
    },
    latestMetrics() {
      return Promise.resolve(this.latestNow);
    },
    samples: () => Promise.resolve(told),
    disk() {
      return Promise.resolve(this.diskNow);
    },
    passwords,
    awaited,
    async checkLogin(host, { password }) {
      const right = passwords.get(host);
      if (right === undefined) throw new SkerryError("unreachable", "connection refused");
      if (right === null) return "not_asked";
      if (right === password) return "accepted";
      throw new SkerryError("unauthorized", `the registry "${host}" refuses the login`);
    },
    async whenIntent(revision) {
      awaited.push(revision);
    },
    async *logs(request, signal) {
      for (const line of lines) {
        if (request.service === undefined || line.service === request.service) yield line;
      }
      if (request.follow && this.more !== null) yield* this.more(request, signal);
    },
    async *events(request) {
      for (const event of events) {
        const { subject } = event;
        if (request.project !== undefined && subject?.project !== request.project) continue;
        if (request.service === undefined || subject?.service === request.service) yield event;
      }
    },
    async exec(start) {
      let end: () => void = () => undefined;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      const written: Uint8Array[] = [];
      return {
        output: (async function* () {
          await ended;
          const text = start.command.join(" ");
          yield { stream: "stdout" as const, data: new TextEncoder().encode(`${text}\n`) };
          for (const data of written) yield { stream: "stderr" as const, data };
        })(),
        async write(data) {
          written.push(data);
        },
        async closeStdin() {
          end();
        },
        async resize() {},
        exitCode: async () => 3,
        async kill() {
          end();
        },
      };
    },
    run(start, signal) {
      return this.exec({ ...start, command: start.command ?? ["its", "own"] }, signal);
    },
    async startRun(start) {
      started.push(start);
      return { number: started.length, deployment: start.deployment, container: "c" };
    },
    async suspendJob(service, on) {
      if (on) suspended.add(service);
      else suspended.delete(service);
    },
    async stopRun(_service, number) {
      stopped.push(number);
    },
    async resolveImage(reference, _from, signal) {
      asked.push(reference);
      const known = images.get(reference);
      switch (known) {
        case undefined:
          return { digest: `sha256:${sha256(reference)}`, id: null, volumes: [] };
        case "not_found":
          throw new SkerryError("not_found", `manifest unknown: ${reference}`);
        case "unreachable":
          throw new SkerryError("unreachable", "connection refused");
        case "hangs":
          return await new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(new Error("aborted")));
          });
        default:
          return known;
      }
    },
    async inspectImage(reference) {
      const volumes = imageVolumes.get(reference);
      return volumes === undefined ? null : { digest: null, id: null, volumes };
    },
    async buildImage(request, onProgress) {
      let size = 0;
      for await (const chunk of request.context) size += chunk.length;
      onProgress(`STEP 1: ${size} bytes`);
      return { digest: null, id: sha256(request.tag), volumes: [] };
    },
    listImages: () => Promise.resolve([...imagesHere]),
    async pullImage(reference, onProgress) {
      onProgress(`pulled ${reference}`);
      return { digest: null, id: sha256(reference), volumes: [] };
    },
    async pushImage(image, destination, onProgress) {
      onProgress(`sent ${image}`);
      return { reference: destination ?? image, digest: null, id: sha256(image) };
    },
    async verifyImages(pins, onProgress) {
      for (const { reference } of pins) onProgress(reference);
      return pins.map(({ reference, id }): ImageCheck =>
        checks.get(reference) ??
          { state: "whole", id, problems: [], sharedBy: [], readBytes: 1 }
      );
    },
    async removeImage(image) {
      const at = imagesHere.findIndex((each) => each.id === image);
      if (at >= 0) imagesHere.splice(at, 1);
    },
    async saveImages(saved) {
      return new Blob([JSON.stringify(saved)]).stream();
    },
    async loadImages(archive) {
      return [await new Response(archive).text()];
    },
    async removeVolume(engineName) {
      removed.push(engineName);
    },
  };
}
