/** The agent's side of the agent API, over whatever carries requests. */
import { z } from "zod";
import { EnrollAnswer, type EnrollRequest, StatusAnswer } from "../../shared/api/agent.ts";
import { API_ORIGIN, type Transport } from "../../shared/api/client.ts";
import { Problem } from "../../shared/api/problem.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Sha256 } from "../../shared/model/hash.ts";
import { SignedManifest } from "../../shared/model/manifest.ts";
import type { Report } from "../../shared/model/report.ts";

export type ExpectedState =
  | { readonly kind: "unchanged" }
  | { readonly kind: "manifest"; readonly etag: string; readonly signed: SignedManifest };

export interface ControlClient {
  enroll(request: EnrollRequest, signal: AbortSignal): Promise<EnrollAnswer>;
  /** Holds up to `waitSeconds` while nothing is new against `etag`. */
  expectedState(
    etag: string | null,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<ExpectedState>;
  blob(sha256: Sha256, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  report(report: Report, signal: AbortSignal): Promise<StatusAnswer>;
}

/** `transport` signs what must be signed. */
export function createControlClient(transport: Transport): ControlClient {
  async function send(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const response = await transport(new Request(`${API_ORIGIN}${path}`, { ...init, signal }));
    if (response.ok || response.status === 304) return response;
    throw await refusal(path, response);
  }
  async function post<Schema extends z.ZodType>(
    path: string,
    body: unknown,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.infer<Schema>> {
    const response = await send(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }, signal);
    return schema.parse(await response.json());
  }
  return {
    enroll: (request, signal) => post("/api/v1/agent/enroll", request, EnrollAnswer, signal),
    async expectedState(etag, waitSeconds, signal) {
      const response = await send(`/api/v1/agent/expected-state?wait=${waitSeconds}`, {
        headers: etag === null ? {} : { "if-none-match": etag },
      }, signal);
      if (response.status === 304) {
        await response.body?.cancel();
        return { kind: "unchanged" };
      }
      const signed = SignedManifest.parse(await response.json());
      return { kind: "manifest", etag: response.headers.get("etag") ?? "", signed };
    },
    async blob(sha256, signal) {
      const response = await send(`/api/v1/agent/blobs/${sha256}`, {}, signal);
      return new Uint8Array(await response.arrayBuffer());
    },
    report: (report, signal) => post("/api/v1/agent/status", report, StatusAnswer, signal),
  };
}

/** The control plane's own code, where it gave one. */
async function refusal(path: string, response: Response): Promise<SkerryError> {
  const text = await response.text();
  const problem = Problem.safeParse(parseJson(text));
  const detail = problem.success ? problem.data.detail : text.slice(0, 300);
  return new SkerryError(
    problem.success ? problem.data.code : "control_refused",
    `the control plane answered ${response.status} to ${path}: ${detail}`,
    problem.success ? problem.data.remedy : null,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
