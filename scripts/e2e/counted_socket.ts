/** A second way to a box's control plane that counts what goes over it. */
import { dirname } from "node:path";
import { homeLayout } from "../../shared/home.ts";
import type { Box } from "./box.ts";

export interface CountedSocket extends AsyncDisposable {
  /** The home to name, so that a command takes this way. */
  readonly home: string;
  /** Requests so far, by the lines that begin them. */
  requests(): number;
  /** Bytes so far, both ways. */
  bytes(): number;
}

/** Listens where the control socket of another home would be, and leads to the box's own. */
export async function countedSocket(box: Box): Promise<CountedSocket> {
  const layout = homeLayout(`${box.host.dir}/counted`);
  await Deno.mkdir(dirname(layout.controlSocket), { recursive: true });
  const server = Deno.listen({ transport: "unix", path: layout.controlSocket });
  let requests = 0;
  let bytes = 0;
  const open = new Set<Deno.Conn>();
  const carried: Promise<unknown>[] = [];

  async function carry(from: Deno.Conn, to: Deno.Conn, count: (text: string) => void) {
    const decoder = new TextDecoder("latin1");
    try {
      for await (const chunk of from.readable) {
        bytes += chunk.length;
        count(decoder.decode(chunk));
        for (let at = 0; at < chunk.length;) at += await to.write(chunk.subarray(at));
      }
    } catch {
      // One of the two went away.
    }
    for (const each of [from, to]) {
      open.delete(each);
      try {
        each.close();
      } catch {
        // It is closed already.
      }
    }
  }

  const accepting = (async () => {
    for await (const client of server) {
      const control = await Deno.connect({ transport: "unix", path: box.layout.controlSocket })
        .catch(() => null);
      if (control === null) {
        client.close();
        continue;
      }
      open.add(client).add(control);
      const asked = (text: string) => {
        requests += [...text.matchAll(/^[A-Z]+ \S+ HTTP\/1\.1\r$/gm)].length;
      };
      carried.push(carry(client, control, asked), carry(control, client, () => undefined));
    }
  })();

  return {
    home: layout.home,
    requests: () => requests,
    bytes: () => bytes,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const each of open) {
        try {
          each.close();
        } catch {
          // It is closed already.
        }
      }
      await Promise.allSettled([accepting, ...carried]);
      await Deno.remove(dirname(layout.controlSocket), { recursive: true }).catch(() => undefined);
    },
  };
}
