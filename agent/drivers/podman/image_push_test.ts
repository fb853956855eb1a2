import assert from "node:assert/strict";
import { createImagePush, pushError } from "./image_push.ts";
import { createTransport } from "./transport.ts";

Deno.test("what Podman says of a push is told apart, with the command that helps", () => {
  const told = (words: string, username: string | null = null) => {
    const { code, message, remedy } = pushError(words, "pushing", "r.lan", username);
    return `${code}: ${message} ${remedy}`;
  };
  assert.match(
    told("unauthorized: authentication required"),
    /^unauthorized: .*from nobody without a login \(skerry registry login r\.lan\)/,
  );
  assert.match(told("denied: requested access to the resource is denied", "me"), /from "me"/);
  assert.match(
    told("http: server gave HTTP response to HTTPS client"),
    /^insecure_registry: .*skerry registry set r\.lan --plain-http/,
  );
  assert.match(told("dial tcp: connection refused"), /^unreachable: .*then push again/);
});

Deno.test("an image without a registry to go to is refused before anything is sent", async () => {
  const transport = createTransport({ socketPath: "/nonexistent" });
  try {
    const push = createImagePush({
      transport,
      registries: () => [],
      registry: { remoteImage: () => Promise.reject(new Error("not asked for here")) },
      inspectImage: () => Promise.resolve(null),
      writtenBytes: () => Promise.resolve(null),
      monotonic: () => 0,
    });
    const refused = (image: string, to: string | null, code: string, words: RegExp) =>
      assert.rejects(push(image, to, () => {}), { code, message: words });
    await refused("localhost/a:1", null, "invalid_reference", /does not say which registry/);
    await refused("a".repeat(64), null, "invalid_reference", /does not say which registry/);
    await refused("a:1", "NOT A REF", "invalid_reference", /no name in a registry/);
    await refused("a:1", `r.lan/a@sha256:${"d".repeat(64)}`, "invalid_reference", /no name/);
    await refused("a:1", "r.lan/a:1", "image_unknown", /not on this node/);
  } finally {
    transport.close();
  }
});
