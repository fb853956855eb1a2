/** A control plane in memory with a node that only pretends, so that pages can be looked at without containers. */
import { createHarness, type Harness } from "../../control/testing/harness.ts";
import { testRequest } from "../../control/testing/models.ts";
import { flowingLines, madeLines, madeSeries } from "./made_figures.ts";
import { longModel, madeModels } from "./made_model.ts";

export interface Fixture extends AsyncDisposable {
  readonly harness: Harness;
  /** Of the pages, without `/` at its end. */
  readonly origin: string;
  /** Cuts every connection, as the end of the control plane does; what it knows stays. */
  stop(): Promise<void>;
  /** At the same address again. */
  start(): Promise<void>;
}

/** `port` 0: any free one. Everybody who asks is root, as on the unix socket. */
export async function createFixture(
  options: {
    readonly services: number;
    readonly port?: number;
    /** One more project, whose names, reasons and ports are as long and many as may be. */
    readonly long?: boolean;
    /** To those who follow logs. */
    readonly linesPerSecond?: number;
  },
): Promise<Fixture> {
  const harness = await createHarness({
    settings: { containerRange: "10.210.0.0/16" },
    now: Date.now(),
  });
  harness.link.seriesNow = madeSeries;
  harness.link.more = flowingLines(
    () => harness.agent.deployments(),
    options.linesPerSecond ?? 0,
  );
  const models = [...madeModels(options.services), ...options.long === true ? [longModel()] : []];
  for (const model of models) {
    await harness.api.createRelease(model.name, testRequest(model));
  }
  // One that fails and one that is on its way: pages must say so.
  if (options.services > 0) harness.agent.fates.set("backup", "fails").set("queue", "starts");
  await harness.agent.settle();
  harness.link.lines.push(...madeLines(harness.agent.deployments().slice(0, 12), Date.now()));
  let cut = new AbortController();
  const listen = (port: number) => {
    cut = new AbortController();
    return Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => undefined, signal: cut.signal },
      (request) => harness.app.fetch(request, { kind: "root", via: "process" }),
    );
  };
  let server = listen(options.port ?? 0);
  const { port } = server.addr;
  const stop = async () => {
    cut.abort();
    await server.finished;
  };
  return {
    harness,
    origin: `http://127.0.0.1:${port}`,
    stop,
    async start() {
      server = listen(port);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await harness[Symbol.asyncDispose]();
    },
  };
}
