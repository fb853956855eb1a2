/** A Skerry on a lab host, driven as a user drives it: by its command line, its ports and signals. */
import type { CommandResult } from "../../shared/command.ts";
import { type HomeLayout, homeLayout } from "../../shared/home.ts";
import { importBusybox } from "./lab/image.ts";
import type { LabHost } from "./lab/host.ts";
import type { LabPodman } from "./lab/podman.ts";
import type { LabProcess } from "./lab/process.ts";
import { outputOf, until } from "./lab/program.ts";
import { overSocket } from "./socket_api.ts";

const MAIN = new URL("../../cmd/main.ts", import.meta.url).pathname;

/** What of Skerry runs as one process. */
export type Verb = "up" | "agent" | "control";

export interface Box {
  readonly host: LabHost;
  readonly layout: HomeLayout;
  readonly dnsPort: number;
  /** What tells its command line which home is meant. */
  readonly env: Readonly<Record<string, string>>;
  /** The box's Podman, by the command line over its socket. */
  readonly podman: LabPodman;
  /**
   * Starts `skerry up` (or `agent`) and waits until it answers.
   * @param under argv that stands before it: a tracer, `env` with variables
   */
  start(verb?: Verb, under?: readonly string[]): Promise<LabProcess>;
  /** As `start`, without waiting for anything. */
  launch(verb?: Verb, under?: readonly string[]): LabProcess;
  /** Runs `skerry ARGS` to its end. */
  run(args: readonly string[], options?: { cwd?: string; stdin?: string }): Promise<CommandResult>;
  /** Starts `skerry ARGS` and goes on: a session, which ends with the lab at the latest. */
  spawn(args: readonly string[]): LabProcess;
  /** As `run`; an exit code other than 0 is an error. Gives the standard output. */
  must(args: readonly string[], options?: { cwd?: string; stdin?: string }): Promise<string>;
  /** Writes a compose file into a folder named after the project and gives that folder. */
  project(name: string, compose: string): Promise<string>;
  /** An image of static busybox with these files, as `localhost/NAME`. */
  image(name: string, files?: Readonly<Record<string, string>>): Promise<void>;
  /** What every started Skerry has written, for a failure's message. */
  text(): string;
  /** Ends what Skerry left running on the host: engines, containers, folders. */
  close(): Promise<void>;
}

export interface BoxOptions {
  /** Name of its folder below the host's; several Skerries on one host need one each. */
  readonly home?: string;
  /** On 127.0.0.1. */
  readonly dnsPort?: number;
  /** Containers' range; a /24 is the node's own. */
  readonly containerCidr?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const DNS_PORT = 7453;

export function createBox(host: LabHost, options: BoxOptions = {}): Box {
  const home = `${host.dir}/${options.home ?? "home"}`;
  const dnsPort = options.dnsPort ?? DNS_PORT;
  const layout = homeLayout(home);
  const env = {
    SKERRY_HOME: home,
    SKERRY_CONTAINER_CIDR: options.containerCidr ?? "10.200.9.0/24",
    SKERRY_DNS_PORT: String(dnsPort),
    SKERRY_NAME: host.name,
    NO_COLOR: "1",
    ...options.env,
  };
  const skerry = ["deno", "run", "-A", "--quiet", MAIN];
  const running = new Set<LabProcess>();

  const run: Box["run"] = (args, { cwd, stdin } = {}) =>
    host.run([...skerry, ...args], {
      env,
      timeoutMs: 180_000,
      ...(cwd === undefined ? {} : { cwd }),
      ...(stdin === undefined ? {} : { stdin }),
    });
  const launch = (verb: Verb = "up", under: readonly string[] = []) => {
    const process = host.spawn([...under, ...skerry, verb], { env });
    running.add(process);
    return process;
  };
  const podmanArgv = ["podman", "--remote", "--url", `unix://${layout.podmanSocket}`];
  const podman: LabPodman = {
    argv: podmanArgv,
    env: {},
    host,
    run: (args, more = {}) => host.run([...podmanArgv, ...args], more),
    must: async (args, more = {}) =>
      outputOf(["podman", ...args], await host.run([...podmanArgv, ...args], more)),
  };

  return {
    host,
    layout,
    dnsPort,
    env,
    podman,
    launch,
    async start(verb = "up", under = []) {
      const process = launch(verb, under);
      if (verb === "agent") {
        await until(
          "Podman's socket",
          async () => (await podman.run(["version"])).code === 0,
          60_000,
        );
      } else {
        await until(
          "skerry to answer",
          async () => (await overSocket(layout, (api) => api.nodes())).length >= 0,
          60_000,
        );
        if (verb === "up") {
          await until(
            "Podman to answer",
            async () => (await podman.run(["version"])).code === 0,
            60_000,
          );
        }
      }
      return process;
    },
    run,
    spawn: (args) => host.spawn([...skerry, ...args], { env }),
    must: async (args, more) => outputOf(["skerry", ...args], await run(args, more)),
    async project(name, compose) {
      const folder = `${host.dir}/${name}`;
      await Deno.mkdir(folder, { recursive: true });
      await Deno.writeTextFile(`${folder}/compose.yaml`, compose);
      return folder;
    },
    async image(name, files = {}) {
      await importBusybox(podman, `localhost/${name}`, files);
    },
    text: () => [...running].map((process) => process.text()).join("\n--- started anew ---\n"),
    async close() {
      for (const process of running) await process.stop();
      // Of 200 containers that takes a while.
      await podman.run(["rm", "--all", "--force", "--time", "0"], { timeoutMs: 300_000 });
      for (
        const stateFile of [`${layout.podmanDir}/service.json`, `${layout.traefikDir}/engine.json`]
      ) {
        const text = await Deno.readTextFile(stateFile).catch(() => "{}");
        const pid = Number(JSON.parse(text).pid ?? 0);
        if (pid > 0) await host.run(["kill", "-9", String(pid)]);
      }
      await Deno.remove(layout.runDir, { recursive: true }).catch(() => undefined);
    },
  };
}
