/** Commands that run in a container beside its own: after its start, before its stop. */
import { SkerryError } from "../../../shared/errors.ts";
import type { Deployment } from "../../../shared/model/sections.ts";
import type { Hook } from "../../../shared/model/service_spec.ts";
import type { ContainerSeen, Podman } from "../../drivers/podman/driver.ts";

/** Their variables travel sealed with the container's own, under names that none of those has. */
const HOOK_VARIABLE = "=";
/** Of a failed hook's last words. */
const MAX_WORDS = 500;
/** A hook before the stop has the grace period, and at least so long. */
const MIN_PRE_STOP_MS = 60_000;

export type HookKind = "post_start" | "pre_stop";

/** The container's own variables, without those of hooks. Pure. */
export function ownVariables(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith(HOOK_VARIABLE)),
  );
}

/** `NAME=value` of one hook. Pure. */
export function variablesOf(
  env: Readonly<Record<string, string>>,
  kind: HookKind,
  index: number,
): string[] {
  const prefix = `${HOOK_VARIABLE}${kind}.${index}.`;
  return Object.entries(env).filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => `${name.slice(prefix.length)}=${value}`);
}

/** What tells one start of a container from every other. Pure. */
export function startMark(seen: ContainerSeen): string {
  return `${seen.id} ${seen.startedAt} ${seen.pid}`;
}

async function runHook(
  podman: Podman,
  containerId: string,
  hook: Hook,
  env: readonly string[],
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const session = await podman.exec(containerId, {
    command: hook.command,
    env,
    tty: false,
    stdin: false,
    ...(hook.user === undefined ? {} : { user: hook.user }),
    ...(hook.workingDir === undefined ? {} : { workingDir: hook.workingDir }),
    ...(hook.privileged === undefined ? {} : { privileged: hook.privileged }),
  }, signal);
  const decoder = new TextDecoder();
  let words = "";
  for await (const { data } of session.output) {
    words = (words + decoder.decode(data, { stream: true })).slice(-MAX_WORDS);
  }
  const code = await session.exitCode();
  if (code === 0) return;
  const said = words.trim() === "" ? "" : `: ${words.trim()}`;
  throw new SkerryError(
    "hook_failed",
    `${what} (${hook.command.join(" ").slice(0, 200)}) ended with code ${code}${said}`,
    "mend the command, or leave it out, and apply again",
  );
}

/** Runs the hooks one after the other; the first that fails ends it. */
export async function runHooks(
  podman: Podman,
  containerId: string,
  deployment: Deployment,
  kind: HookKind,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const { hooks, stopGraceMs } = deployment.spec;
  const limit = kind === "post_start"
    ? signal
    : AbortSignal.any([signal, AbortSignal.timeout(Math.max(stopGraceMs, MIN_PRE_STOP_MS))]);
  const list = (kind === "post_start" ? hooks?.postStart : hooks?.preStop) ?? [];
  for (const [index, hook] of list.entries()) {
    const what = `${kind} of "${deployment.serviceName}"`;
    await runHook(podman, containerId, hook, variablesOf(env, kind, index), what, limit);
  }
}
