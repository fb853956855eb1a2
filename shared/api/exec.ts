/**
 * The framing of `exec` over a WebSocket.
 *
 * The client sends one text message {@link ExecOpen}, then binary frames whose first byte is the
 * channel (0: stdin) and text messages {@link ExecClientControl}. The server sends binary frames
 * (1: stdout, 2: stderr) and, last, one text message {@link ExecServerControl}: then it closes.
 */
import { z } from "zod";
import { DeploymentId } from "../model/ids.ts";
import { Problem } from "./problem.ts";

const size = z.strictObject({
  rows: z.int().min(1).max(10_000),
  columns: z.int().min(1).max(10_000),
});

export const ExecOpen = z.strictObject({
  type: z.literal("start"),
  command: z.array(z.string().max(131_072)).min(1).max(1000),
  env: z.array(z.string().max(131_072)).max(1000).exactOptional(),
  user: z.string().max(256).exactOptional(),
  workingDir: z.string().max(4096).exactOptional(),
  /** Which replica; absent: the lowest slot that runs. */
  slot: z.int().positive().exactOptional(),
  tty: z.boolean(),
  stdin: z.boolean(),
  size: size.exactOptional(),
});
export type ExecOpen = z.infer<typeof ExecOpen>;

/** A container's name, as Podman and Docker take it. */
export const ContainerName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/);

/** As {@link ExecOpen}, for a container of its own; the same framing follows. */
export const RunOpen = ExecOpen.omit({ slot: true, command: true }).extend({
  /** Absent: the service's own. */
  command: ExecOpen.shape.command.exactOptional(),
  /** Absent: the service's own. */
  entrypoint: z.array(z.string().max(131_072)).max(1000).exactOptional(),
  noDeps: z.boolean(),
  /** Of its container; absent: one is made up. */
  name: ContainerName.exactOptional(),
  /** The service's published ports lead to it. */
  servicePorts: z.boolean().exactOptional(),
});
export type RunOpen = z.infer<typeof RunOpen>;

/** A run that goes on its own. */
export const RunRequest = RunOpen.omit({ type: true, tty: true, stdin: true, size: true }).extend({
  /** As its schedule runs it: with its time limit, its retries and its overlap rule. */
  asJob: z.boolean(),
});
export type RunRequest = z.infer<typeof RunRequest>;

export const RunAccepted = z.object({
  number: z.int().positive(),
  deployment: DeploymentId,
  /** The container's name. */
  container: z.string(),
});
export type RunAccepted = z.infer<typeof RunAccepted>;

export const ExecClientControl = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("resize"), ...size.shape }),
  /** Stdin has ended. */
  z.strictObject({ type: z.literal("eof") }),
  /** Of browsers, which cannot see whether a silent link is dead: answered by `pong` at once. */
  z.strictObject({ type: z.literal("ping") }),
]);
export type ExecClientControl = z.infer<typeof ExecClientControl>;

export const ExecServerControl = z.discriminatedUnion("type", [
  z.object({ type: z.literal("exit"), code: z.int() }),
  z.object({ type: z.literal("error"), problem: Problem }),
  /** Not the last one: the answer to `ping`. */
  z.object({ type: z.literal("pong") }),
]);
export type ExecServerControl = z.infer<typeof ExecServerControl>;

/** The channels of binary frames. */
export const EXEC_CHANNEL = { stdin: 0, stdout: 1, stderr: 2 } as const;
export type ExecChannel = keyof typeof EXEC_CHANNEL;

/** The most that one frame carries beside its channel byte. */
export const EXEC_FRAME_BYTES = 64 << 10;

/** A binary frame. */
export function encodeExecFrame(
  channel: ExecChannel,
  data: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(data.length + 1);
  frame[0] = EXEC_CHANNEL[channel];
  frame.set(data, 1);
  return frame;
}

/** What a binary frame carries; null: a channel that is not known, or an empty frame. */
export function decodeExecFrame(
  frame: Uint8Array,
): { readonly channel: ExecChannel; readonly data: Uint8Array } | null {
  const data = frame.subarray(1);
  switch (frame[0]) {
    case EXEC_CHANNEL.stdin:
      return { channel: "stdin", data };
    case EXEC_CHANNEL.stdout:
      return { channel: "stdout", data };
    case EXEC_CHANNEL.stderr:
      return { channel: "stderr", data };
    default:
      return null;
  }
}
