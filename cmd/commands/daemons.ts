/** `skerry up`, `control` and `agent`: reads their settings and hands over to the composition roots. */
import type { Command } from "commander";
import { z } from "zod";
import { type Cli, examples, layoutOf, subcommand } from "../cli.ts";
import {
  addFlags,
  type AgentOptions,
  agentOptions,
  type ControlOptions,
  controlOptions,
  type UpOptions,
  upOptions,
} from "../flags.ts";

/** The programs that run on; each resolves with its exit code once `signal` has ended it. */
export interface Daemons {
  up(options: UpOptions, signal: AbortSignal): Promise<number>;
  control(options: ControlOptions, signal: AbortSignal): Promise<number>;
  agent(options: AgentOptions, signal: AbortSignal): Promise<number>;
}

/** Adds `up`, `control` and `agent`. */
export function addDaemons(program: Command, cli: Cli, daemons: Daemons): void {
  const given = (raw: unknown) => ({
    flags: z.record(z.string(), z.unknown()).parse(raw),
    env: cli.host.env,
    hostname: cli.host.hostname,
  });
  const bare = { project: false };

  const up = addFlags(
    subcommand(program, "up", "run this box: control plane and agent", bare),
    "up",
  );
  examples(
    up,
    "skerry up",
    "skerry up --http-port 8080 --https-port 8443",
    "SKERRY_HOME=/srv/two skerry up --listen 127.0.0.1:7543 --container-cidr 10.210.0.0/24",
  );
  up.action(async (raw: unknown, command: Command) => {
    const options = upOptions(layoutOf(cli, command), given(raw));
    cli.exitWith(await daemons.up(options, cli.host.signal));
  });

  const control = subcommand(program, "control", "run a control plane alone", bare);
  addFlags(control, "control").action(async (raw: unknown, command: Command) => {
    const options = controlOptions(layoutOf(cli, command), given(raw));
    cli.exitWith(await daemons.control(options, cli.host.signal));
  });

  const agent = subcommand(program, "agent", "run an agent alone", bare);
  addFlags(agent, "agent").action(async (raw: unknown, command: Command) => {
    const options = agentOptions(layoutOf(cli, command), given(raw));
    cli.exitWith(await daemons.agent(options, cli.host.signal));
  });
}
