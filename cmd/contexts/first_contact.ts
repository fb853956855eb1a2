/** Who answers at an address that was never talked to before. */
import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import { CONTROL_NAME } from "../../shared/certificates/home_certificates.ts";
import { certificatesIn } from "../../shared/certificates/read.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { ControlAddress } from "./address.ts";

const ANSWER_MS = 15_000;
const MAX_BYTES = 64 << 10;

/** Is the server known to this machine, by a public authority or one that was made known to it? */
export async function isTrusted({ hostname, port }: ControlAddress): Promise<boolean> {
  try {
    const plain = await Deno.connect({ hostname, port, signal: AbortSignal.timeout(ANSWER_MS) });
    using tls = await Deno.startTls(plain, { hostname });
    await tls.handshake();
    return true;
  } catch {
    return false;
  }
}

/**
 * The authority that a server claims as its own. Nothing is proven by it: a connection that holds
 * the server to it is what does.
 */
export async function claimedAuthority(
  { hostname, port, url }: ControlAddress,
): Promise<{ readonly pem: string; readonly fingerprint: string }> {
  const text = await new Promise<string>((resolve, reject) => {
    const asking = request({
      host: hostname,
      port,
      path: "/api/v1/ca.pem",
      servername: CONTROL_NAME,
      rejectUnauthorized: false,
      agent: false,
      timeout: ANSWER_MS,
    }, (answer) => {
      let body = "";
      answer.setEncoding("latin1");
      answer.on("data", (chunk: string) => {
        body += chunk;
        if (body.length > MAX_BYTES) asking.destroy(new Error("its answer is too long"));
      });
      answer.on(
        "end",
        () => answer.statusCode === 200 ? resolve(body) : reject(new Error(`${answer.statusCode}`)),
      );
      answer.on("error", reject);
    });
    asking.on("timeout", () => asking.destroy(new Error(`no answer in ${ANSWER_MS / 1000} s`)));
    asking.on("error", reject);
    asking.end();
  }).catch((cause: unknown) => {
    throw new SkerryError(
      "control_unreachable",
      `no control plane answers at ${url}: ${messageOf(cause)}`,
      "check the address, that `skerry up` runs there, and that a firewall lets the port through",
      { cause },
    );
  });
  const [pem] = certificatesIn(text);
  try {
    return { pem: pem ?? "", fingerprint: new X509Certificate(pem ?? "").fingerprint256 };
  } catch (cause) {
    throw new SkerryError(
      "no_control_plane",
      `what answers at ${url} is no Skerry: it shows no authority at /api/v1/ca.pem`,
      "check the address and the port",
      { cause },
    );
  }
}
