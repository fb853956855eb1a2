import assert from "node:assert/strict";
import { failureOf } from "./errors.ts";
import { pullFailureOf } from "./pull_failure.ts";
import { answerError } from "./transport.ts";

Deno.test("Podman's words and the kind of failure that they tell of", () => {
  const cases: readonly (readonly [number, string, string])[] = [
    [
      500,
      'creating container storage: the container name "a" is already in use by 12. You have to remove that container to be able to reuse that name: that name is already in use',
      "name_taken",
    ],
    [500, "localhost/x: image not known", "image_unknown"],
    [404, "no such image", "image_unknown"],
    [500, "unable to find network with name or ID nope: network not found", "network_unknown"],
    [
      500,
      "IPAM error: requested ip address 10.0.0.5 is already allocated to container ID 12",
      "address_taken",
    ],
    [500, "OCI runtime attempted to invoke a command that was not found", "command_not_found"],
    [
      500,
      "crun: executable file `x` not found in $PATH: No such file or directory",
      "command_not_found",
    ],
    [500, "unable to find user nobody: no matching entries in passwd file", "user_unknown"],
    [500, "statfs /no/such: no such file or directory", "mount_source_missing"],
    [
      500,
      `faccessat /h/podman/storage/overlay/${"6a".repeat(32)}: no such file or directory`,
      "storage_damaged",
    ],
    [
      409,
      "volume v is being used by the following container(s): 12: volume is being used",
      "volume_in_use",
    ],
    [
      500,
      '"n" has associated containers with it. Use -f to forcefully delete containers and pods: network is being used',
      "network_in_use",
    ],
    [500, "subnet 10.0.0.0/24 is already used on the host or by another config", "subnet_taken"],
    [500, "write /x: no space left on device", "disk_full"],
    [404, 'no container with name or ID "x" found: no such container', "container_unknown"],
    [500, "decode(): json: cannot unmarshal", "invalid"],
    [500, "something new", "podman_failed"],
  ];
  for (const [status, text, kind] of cases) assert.equal(failureOf(status, text), kind, text);
});

Deno.test("why a pull failed", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["reading manifest 9 in localhost:5000/x: manifest unknown: manifest unknown", "not_found"],
    [
      "pinging container registry 127.0.0.1:1: Get ...: dial tcp 127.0.0.1:1: connect: connection refused",
      "unreachable",
    ],
    ["dial tcp: lookup nowhere.invalid: no such host", "unreachable"],
    ["unauthorized: authentication required", "unauthorized"],
    ["requested access to the resource is denied", "unauthorized"],
    ["http: server gave HTTP response to HTTPS client", "insecure_registry"],
    [
      "tls: failed to verify certificate: x509: certificate signed by unknown authority",
      "insecure_registry",
    ],
    ["net/http: request canceled (Client.Timeout exceeded)", "timeout"],
    ["invalid reference format", "invalid_reference"],
    ["who knows", "other"],
  ];
  for (const [text, kind] of cases) assert.equal(pullFailureOf(text), kind, text);
});

Deno.test("an error names what was being done, what Podman said and what to do", () => {
  const text = JSON.stringify({ cause: "x", message: "no such container: x", response: 404 });
  const error = answerError('stopping the container "x"', { status: 404, text });
  assert.equal(error.code, "container_unknown");
  assert.equal(error.message, 'stopping the container "x": no such container: x');
  assert.ok(error.remedy);
  assert.equal(answerError("doing", { status: 500, text: "<html>" }).code, "podman_failed");
});
