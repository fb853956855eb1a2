/** Traefik as the ingress of one home: how to start it, what it serves, how to make it serve something else. */
import process from "node:process";
import { z } from "zod";
import { writeFileAtomically } from "../../../shared/atomic_file.ts";
import { type Clock, systemClock } from "../../../shared/clock.ts";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import { sha256 } from "../../../shared/model/hash.ts";
import { type AccessLogBudget, DEFAULT_ACCESS_LOG, turnOver } from "./access_log.ts";
import type { IngressConfig } from "./config.ts";
import { renderDynamicConfig } from "./dynamic.ts";
import { traefikFiles } from "./files.ts";
import { findTraefik, type FoundTraefik, locateTraefik } from "./find.ts";
import { bindFailure, freePort, keptPort } from "./internal_port.ts";
import { holderOf, listenersOn } from "./listeners.ts";
import { probe } from "./probe.ts";
import { renderStaticConfig } from "./static.ts";

export interface TraefikDeps {
  /** The home's `traefikDir`. */
  readonly dir: string;
  /** IPv4 address that http and https listen on; `0.0.0.0` for all. */
  readonly address: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly clock?: Clock;
  readonly accessLog?: AccessLogBudget;
}

/** A long-lived process, in the words of an engine's spec. */
export interface TraefikLaunch {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly logFile: string;
  readonly stateFile: string;
}

/** What the revision probe showed. */
export interface TraefikSeen {
  /** The internal entry point answers. */
  readonly answers: boolean;
  /** Digest of the configuration that is live; null: another one, or none. */
  readonly digest: string | null;
  /** Servers of the live configuration; empty where `digest` is null. */
  readonly servers: readonly string[];
  /** Servers of the file that lies there, live or not. */
  readonly written: readonly string[];
  /** Certificate of the live configuration. */
  readonly certFile: string | null;
  /** The uploaded one beside it; absent: there is none. */
  readonly uploadedFile?: string;
}

/**
 * Code of a port that is taken by nobody who can be seen: a program of another pid namespace, or
 * one that was just killed and whose sockets the kernel is still closing.
 */
export const PORT_TAKEN_UNSEEN = "port_taken_unseen";

export interface TraefikProblem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export interface Traefik {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly files: ReturnType<typeof traefikFiles>;
  /**
   * What to start, its files written. `running`: keep the internal port as it is.
   * Errors of {@link findTraefik}.
   */
  launch(running: boolean): Promise<TraefikLaunch>;
  look(): Promise<TraefikSeen>;
  /** Why it could not listen now; asked only while it does not run. */
  portProblem(): TraefikProblem | null;
  /**
   * Writes the dynamic file and waits until it is live. `pid` null: Traefik does not run and reads
   * it when it starts. Error `ingress_not_live`: the last good file is back in place.
   */
  publish(config: IngressConfig, pid: number | null, signal: AbortSignal): Promise<void>;
  /** Keeps the access log within its budget; repeated at leisure. */
  boundAccessLog(pid: number): Promise<void>;
}

/** Beside the dynamic file: what it was made from. */
const Published = z.strictObject({
  digest: z.string(),
  revision: z.string().regex(/^[0-9a-f]{32}$/),
  servers: z.array(z.string()),
  certFile: z.string().nullable(),
  uploadedFile: z.string().exactOptional(),
});
type Published = z.infer<typeof Published>;

/** From there on a reload that nobody noticed is asked for by SIGHUP. */
const NUDGE_AFTER_MS = 700;
const LIVE_WITHIN_MS = 5_000;
const POLL_MS = 25;

export function createTraefik(deps: TraefikDeps): Traefik {
  const { address, httpPort, httpsPort, clock = systemClock } = deps;
  const accessLog = deps.accessLog ?? DEFAULT_ACCESS_LOG;
  const files = traefikFiles(deps.dir);
  let checked: { readonly stamp: string; readonly found: FoundTraefik } | null = null;

  async function programPath(): Promise<string> {
    const path = await locateTraefik();
    const stat = await Deno.stat(path);
    const stamp = `${path} ${stat.ino} ${stat.size} ${stat.mtime?.getTime()}`;
    if (checked?.stamp !== stamp) checked = { stamp, found: await findTraefik() };
    return checked.found.path;
  }

  async function internalPort(running: boolean): Promise<number> {
    const kept = await keptPort(files.internalPortFile);
    if (kept !== null && (running || bindFailure("127.0.0.1", kept) === null)) return kept;
    const port = freePort();
    await writeFileAtomically(files.internalPortFile, `${port}\n`, 0o600);
    return port;
  }

  async function launch(running: boolean): Promise<TraefikLaunch> {
    for (const folder of [files.dir, files.workingDir, files.dynamicDir]) {
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    }
    const text = renderStaticConfig({
      address,
      httpPort,
      httpsPort,
      internalPort: await internalPort(running),
      dynamicDir: files.dynamicDir,
      accessLogFile: files.accessLogFile,
    });
    // The name bears the digest, so that other content is another command line.
    const staticFile = `${files.dir}/static-${sha256(text).slice(0, 12)}.yaml`;
    const there = await Deno.readTextFile(staticFile).catch(() => null);
    if (there !== text) {
      await writeFileAtomically(staticFile, text, 0o600);
      await removeOtherStaticFiles(files.dir, staticFile);
    }
    return {
      name: "traefik",
      program: await programPath(),
      args: [`--configfile=${staticFile}`],
      env: {},
      workingDir: files.workingDir,
      logFile: files.logFile,
      stateFile: files.stateFile,
    };
  }

  async function published(): Promise<Published | null> {
    try {
      return Published.parse(JSON.parse(await Deno.readTextFile(files.publishedFile)));
    } catch {
      return null;
    }
  }

  async function look(): Promise<TraefikSeen> {
    const port = await keptPort(files.internalPortFile);
    const record = await published();
    const answer = port === null ? "silent" : await probe(port, record?.revision ?? "none");
    if (answer !== "live" || record === null) {
      const written = record?.servers ?? [];
      const answers = answer !== "silent";
      return { answers, digest: null, servers: [], written, certFile: null };
    }
    const { revision: _revision, ...shown } = record;
    return { answers: true, written: record.servers, ...shown };
  }

  function portProblem(): TraefikProblem | null {
    for (const [port, flag] of [[httpPort, "--http-port"], [httpsPort, "--https-port"]] as const) {
      const failure = bindFailure(address, port);
      if (failure === null) continue;
      if (!(failure instanceof Deno.errors.AddrInUse)) {
        return {
          code: "port_unavailable",
          message: `the ingress cannot listen on ${address}:${port}: ${messageOf(failure)}`,
          remedy: `Give the ingress another port: skerry up ${flag} PORT.`,
        };
      }
      const [listener] = listenersOn(address, port);
      const holder = listener === undefined ? null : holderOf(listener.inode);
      const who = holder === null
        ? "a program that cannot be seen from here"
        : `"${holder.program}" (pid ${holder.pid})`;
      return {
        code: holder === null ? PORT_TAKEN_UNSEEN : "port_taken",
        message: `the ingress cannot listen on ${address}:${port}: ${who} listens there`,
        remedy: `Stop ${who}, or give the ingress another port: skerry up ${flag} PORT.`,
      };
    }
    return null;
  }

  async function becomesLive(revision: string, pid: number, signal: AbortSignal): Promise<boolean> {
    const port = await keptPort(files.internalPortFile);
    if (port === null) return false;
    const start = clock.monotonic();
    let nudged = false;
    while (clock.monotonic() - start < LIVE_WITHIN_MS && !signal.aborted) {
      const answer = await probe(port, revision);
      if (answer === "live") return true;
      // Only to one that listens: before that, the signal would end it.
      if (!nudged && answer === "other" && clock.monotonic() - start > NUDGE_AFTER_MS) {
        nudged = true;
        send(pid, "SIGHUP");
      }
      await clock.sleep(POLL_MS, signal);
    }
    return false;
  }

  async function publish(
    config: IngressConfig,
    pid: number | null,
    signal: AbortSignal,
  ): Promise<void> {
    const rendered = renderDynamicConfig(config, httpsPort);
    const record: Published = {
      digest: config.digest,
      revision: rendered.revision,
      servers: [...rendered.servers],
      certFile: config.certificate?.certFile ?? null,
      ...(config.uploaded === undefined ? {} : { uploadedFile: config.uploaded.certFile }),
    };
    await Deno.mkdir(files.dynamicDir, { recursive: true, mode: 0o700 });
    // Made outside of the watched folder: its own event would start the throttle's window.
    await writeFileAtomically(files.dynamicFile, rendered.text, 0o600, files.dir);
    if (pid !== null && !(await becomesLive(rendered.revision, pid, signal))) {
      signal.throwIfAborted();
      await restoreLastGood();
      throw new SkerryError(
        "ingress_not_live",
        `Traefik (pid ${pid}) did not take the new routes within ${LIVE_WITHIN_MS / 1000} s; ` +
          "the routes before them go on",
        `Read the end of ${files.logFile}.`,
      );
    }
    const text = JSON.stringify(record) + "\n";
    await writeFileAtomically(files.publishedFile, text, 0o600);
    if (pid !== null) await writeFileAtomically(files.lastGoodFile, rendered.text, 0o600);
  }

  async function restoreLastGood(): Promise<void> {
    const good = await Deno.readTextFile(files.lastGoodFile).catch(() => null);
    if (good !== null) await writeFileAtomically(files.dynamicFile, good, 0o600, files.dir);
  }

  return {
    httpPort,
    httpsPort,
    files,
    launch,
    look,
    portProblem,
    publish,
    async boundAccessLog(pid) {
      await turnOver(files.accessLogFile, accessLog, () => send(pid, "SIGUSR1"));
    },
  };
}

async function removeOtherStaticFiles(dir: string, current: string): Promise<void> {
  for await (const { name } of Deno.readDir(dir)) {
    const path = `${dir}/${name}`;
    if (/^static-[0-9a-f]{12}\.yaml$/.test(name) && path !== current) await Deno.remove(path);
  }
}

function send(pid: number, name: "SIGHUP" | "SIGUSR1"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile; the next look tells.
  }
}
