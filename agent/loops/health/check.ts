/** One check of one container: by exec, by HTTP or by a TCP connect. Never rejects. */
import { messageOf } from "../../../shared/errors.ts";
import type { Podman } from "../../drivers/podman/driver.ts";
import type { TimedCheck } from "./schedule.ts";
import type { HealthTarget } from "./target.ts";

export interface CheckResult {
  readonly ok: boolean;
  /** What it said, for people. */
  readonly output: string;
}

const OUTPUT_BYTES = 4_096;

export async function runCheck(
  target: HealthTarget,
  check: TimedCheck,
  podman: Pick<Podman, "exec">,
  signal: AbortSignal,
): Promise<CheckResult> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(check.timeoutMs)]);
  try {
    switch (check.kind) {
      case "exec":
        return await byExec(target.containerId, check.command, podman, limited);
      case "http":
        return await byHttp(target.address, check.port, check.path, limited);
      case "tcp":
        return await byTcp(target.address, check.port, limited);
    }
  } catch (thrown) {
    const late = limited.aborted && !signal.aborted;
    const output = late ? `no answer within ${check.timeoutMs / 1000} s` : messageOf(thrown);
    return { ok: false, output };
  }
}

/** Does a TCP connect succeed? Rejects where it does not. */
export async function byTcp(
  address: string | null,
  port: number,
  signal: AbortSignal,
): Promise<CheckResult> {
  if (address === null) return NO_NETWORK;
  const connection = await Deno.connect({ hostname: address, port, signal });
  connection.close();
  return { ok: true, output: "" };
}

const NO_NETWORK: CheckResult = {
  ok: false,
  output: "the service has no network, so only a check by command can reach it",
};

async function byHttp(
  address: string | null,
  port: number,
  path: string,
  signal: AbortSignal,
): Promise<CheckResult> {
  if (address === null) return NO_NETWORK;
  const response = await fetch(`http://${address}:${port}${path}`, {
    signal,
    redirect: "manual",
    headers: { "user-agent": "skerry-health", connection: "close" },
  });
  await response.body?.cancel();
  const ok = response.status >= 200 && response.status < 400;
  return { ok, output: `HTTP ${response.status} from ${path}` };
}

async function byExec(
  containerId: string,
  command: readonly string[],
  podman: Pick<Podman, "exec">,
  signal: AbortSignal,
): Promise<CheckResult> {
  const session = await podman.exec(containerId, { command, tty: false, stdin: false }, signal);
  const kill = () => void session.kill().catch(() => undefined);
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  try {
    const output = await textOf(session.output);
    const code = await session.exitCode();
    signal.throwIfAborted();
    return { ok: code === 0, output: output === "" ? `exit code ${code}` : output };
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

async function textOf(output: AsyncIterable<{ readonly data: Uint8Array }>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const { data } of output) {
    if (text.length < OUTPUT_BYTES) text += decoder.decode(data, { stream: true });
  }
  return text.slice(0, OUTPUT_BYTES);
}
