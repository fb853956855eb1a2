/** Which certificate a real Traefik shows to a real openssl, by the name that is asked for. */
import assert from "node:assert/strict";
import { createAuthority } from "../../../shared/certificates/authority.ts";
import { issueLeaf } from "../../../shared/certificates/issue.ts";
import { subjectNames } from "../../../shared/certificates/names.ts";
import { type Ingress, testPort, withIngress, withServer } from "./ingress_fixture.ts";
import { deployment, routesOf } from "./world_fixture.ts";

const SERVER = "127.0.0.13";

/** `ok`, or why openssl does not believe the server under that name. */
async function verdict(ingress: Ingress, name: string, authority: string): Promise<string> {
  const output = await new Deno.Command("openssl", {
    args: [
      ...["s_client", "-connect", `127.0.0.1:${ingress.traefik.httpsPort}`],
      ...["-servername", name, "-verify_hostname", name, "-verify_return_error"],
      ...["-CAfile", authority, "-brief"],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (output.code === 0) return "ok";
  return new TextDecoder().decode(output.stderr) + new TextDecoder().decode(output.stdout);
}

Deno.test("an uploaded certificate for its names, the own one for others; the world's names in neither", async () => {
  await withIngress(async (ingress) => {
    const port = testPort();
    await withServer(SERVER, port, () => new Response("fine"), async () => {
      const hosts = ["own.test", "handed.test", "shop.example.com"];
      const routes = hosts.map((host) => routesOf(host.replaceAll(".", ""), { host, port }));
      const input = { routes, serving: [deployment("one", SERVER)] };
      await ingress.converge(input);
      const { caFile } = ingress.certificates;
      assert.equal(await verdict(ingress, "own.test", caFile), "ok");
      assert.equal(await verdict(ingress, "handed.test", caFile), "ok");
      assert.match(await verdict(ingress, "shop.example.com", caFile), /hostname mismatch/);

      const other = createAuthority({ dir: `${ingress.dir}/other`, label: "other" });
      const names = subjectNames(["handed.test"]);
      const serial = new Uint8Array(16).fill(3);
      const leaf = await issueLeaf(await other.pair(), names, Date.now(), serial);
      await ingress.uploaded.put(leaf.certificate, leaf.key, Date.now());
      assert.deepEqual(await ingress.converge(input), ["publish"]);
      assert.equal(await verdict(ingress, "handed.test", other.caFile), "ok");
      assert.equal(await verdict(ingress, "own.test", caFile), "ok");

      await ingress.uploaded.remove();
      assert.deepEqual(await ingress.converge(input), ["publish"]);
      assert.equal(await verdict(ingress, "handed.test", caFile), "ok");
    });
  });
});
