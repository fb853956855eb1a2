import assert from "node:assert/strict";
import { SkerryError } from "../../shared/errors.ts";
import { DeploymentId, ProjectId } from "../../shared/model/ids.ts";
import type { LogLine } from "../../shared/model/link.ts";
import { createFor } from "../drivers/podman/contract_specs.ts";
import { createFakePodman } from "../drivers/podman/fake.ts";
import { createLocalLink, resolved } from "./link.ts";

const deployment = DeploymentId.parse(`dep_${"a".repeat(26)}`);
const never = new AbortController().signal;
const digest = `sha256:${"d".repeat(64)}`;

async function setup() {
  const spared: string[] = [];
  const full = { now: false };
  const podman = createFakePodman();
  const image = podman.control.addImage("localhost/app:1");
  const network = { name: "n", bridge: "n", subnet: "10.210.1.0/24", gateway: "10.210.1.1" };
  await podman.ensureNetwork(network);
  const id = await podman.createContainer(createFor(
    {
      imageId: image.id,
      imageReference: "localhost/app:1",
      network,
      namePrefix: "n",
      address: (n) => `10.210.1.${n}`,
    },
    "app",
    2,
  ));
  await podman.startContainer(id);
  const link = createLocalLink({
    podman,
    driver: {
      registry: { checkLogin: () => Promise.resolve("accepted") },
      verifyImages: () => Promise.resolve([]),
      pushImage: async (image, destination) => ({
        reference: destination ?? image,
        digest,
        id: image,
      }),
    },
    metrics: {
      metrics: () => Promise.reject(new Error("not asked for here")),
      latestMetrics: () => Promise.reject(new Error("not asked for here")),
      samples: () => Promise.resolve([]),
    },
    whenIntent: () => Promise.resolve(),
    run: () => Promise.reject(new Error("not asked for here")),
    startRun: () => Promise.reject(new Error("not asked for here")),
    stopRun: () => Promise.reject(new Error("not asked for here")),
    suspendJob: () => Promise.reject(new Error("not asked for here")),
    logs: {
      async *read(request) {
        yield {
          deployment,
          service: request.service ?? "web",
          slot: 1,
          stream: "stdout",
          time: "2026-01-01T00:00:00Z",
          text: "hi",
          partial: false,
        };
      },
    },
    events: { async *read() {} },
    disk: {
      admit(doing) {
        if (full.now) throw new SkerryError("disk_nearly_full", `${doing} is refused`);
      },
      guarded: (work) => work(),
      spare: (id, why) => spared.push(`${id} ${why}`),
      report: () => null,
    },
    containerOf: (asked) => Promise.resolve(asked === deployment ? id : null),
  });
  return { podman, image, link, spared, full };
}

Deno.test("a command runs in the deployment's container; one without a container says so", async () => {
  const { link } = await setup();
  const run = { command: ["echo", "hi"], tty: false, stdin: false };
  const session = await link.exec({ ...run, deployment }, never);
  let text = "";
  for await (const { data } of session.output) text += new TextDecoder().decode(data);
  assert.equal(text, "hi\n");
  assert.equal(await session.exitCode(), 0);
  const other = DeploymentId.parse(`dep_${"b".repeat(26)}`);
  await assert.rejects(link.exec({ ...run, deployment: other }, never), {
    code: "container_unknown",
  });
});

Deno.test("logs come from the keeper", async () => {
  const { link } = await setup();
  const lines: LogLine[] = [];
  const project = ProjectId.parse(`prj_${"a".repeat(26)}`);
  for await (const line of link.logs({ project, follow: false }, never)) lines.push(line);
  assert.equal(lines[0]?.text, "hi");
});

Deno.test("local: what is here first, else the registry; registry: always the registry", async () => {
  const { podman, link, image } = await setup();
  assert.deepEqual(await link.resolveImage("localhost/app:1", "local", never), {
    digest: null,
    id: image.id,
    volumes: [],
  });
  podman.control.addRemote("example.org/web:1", { digest });
  assert.deepEqual(await link.resolveImage("example.org/web:1", "local", never), {
    digest,
    id: null,
    volumes: [],
  });
  const pulled = await podman.pullImage("example.org/web:1", () => {});
  const known = { digest, id: pulled.id, volumes: [] };
  assert.deepEqual(await link.resolveImage("example.org/web:1", "local", never), known);
  assert.deepEqual(await link.resolveImage("example.org/web:1", "registry", never), known);
  const newer = `sha256:${"e".repeat(64)}`;
  podman.control.addRemote("example.org/web:1", { digest: newer });
  assert.deepEqual(await link.resolveImage("example.org/web:1", "registry", never), {
    digest: newer,
    id: null,
    volumes: [],
  });
  await assert.rejects(link.resolveImage("example.org/none:1", "registry", never), {
    code: "not_found",
  });
});

Deno.test("an image's volumes are told with it; what is not here is not asked for", async () => {
  const { podman, link } = await setup();
  const remote = { digest, volumes: ["/keep"] };
  podman.control.addRemote("example.org/db:1", remote);
  assert.deepEqual((await link.resolveImage("example.org/db:1", "local", never)).volumes, []);
  assert.equal(await link.inspectImage("example.org/db:1", never), null);
  const { id } = await podman.pullImage("example.org/db:1", () => {});
  const known = { digest, id, volumes: ["/keep"] };
  for (const from of ["local", "registry"] as const) {
    assert.deepEqual(await link.resolveImage("example.org/db:1", from, never), known);
  }
  for (const name of [id, `example.org/db@${digest}`]) {
    assert.deepEqual((await link.inspectImage(name, never))?.volumes, ["/keep"]);
  }
});

Deno.test("a build gives an id and no digest; a volume is removed", async () => {
  const { podman, link } = await setup();
  const built = await link.buildImage(
    {
      context: new Blob(["tar"]).stream(),
      dockerfile: "Dockerfile",
      tag: "localhost/built:1",
      args: {},
      noCache: false,
      pull: false,
    },
    () => {},
    never,
  );
  assert.equal(built.digest, null);
  assert.equal((await podman.inspectImage("localhost/built:1"))?.id, built.id);
  await podman.createVolume("data", { labels: {} });
  await link.removeVolume("data", never);
  assert.deepEqual(await podman.listVolumes(), []);
});

Deno.test("the digest is that of the reference's own repository", () => {
  const seen = {
    id: "1".repeat(64),
    repoDigests: [
      `docker.io/library/nginx@sha256:${"a".repeat(64)}`,
      `example.org/nginx@sha256:${"b".repeat(64)}`,
    ],
    repoTags: [],
    exposedPorts: [],
    sizeBytes: 1,
    volumes: [],
  };
  assert.equal(resolved(seen, "example.org/nginx:1").digest, `sha256:${"b".repeat(64)}`);
  assert.equal(resolved(seen, "nginx").digest, `sha256:${"a".repeat(64)}`);
  assert.equal(resolved(seen, `other@${digest}`).digest, digest);
});

Deno.test("what a person fetched and what a plan asked for is spared; a full disk refuses before anything is begun", async () => {
  const { podman, image, link, spared, full } = await setup();
  podman.control.addRemote("example.org/web:1", { digest });
  const pulled = await link.pullImage("example.org/web:1", () => {}, never);
  await link.resolveImage("localhost/app:1", "local", never);
  assert.deepEqual(spared, [`${pulled.id} fetched`, `${image.id} asked`]);
  full.now = true;
  const before = (await podman.listImages()).length;
  podman.control.addRemote("example.org/other:1", { digest });
  await assert.rejects(link.pullImage("example.org/other:1", () => {}, never), {
    code: "disk_nearly_full",
    message: 'pulling the image "example.org/other:1" is refused',
  });
  await assert.rejects(link.loadImages(new Blob(["x"]).stream(), never), {
    code: "disk_nearly_full",
  });
  const build = {
    context: new Blob(["tar"]).stream(),
    dockerfile: "Dockerfile",
    tag: "localhost/built:2",
    args: {},
    noCache: false,
    pull: false,
  };
  await assert.rejects(link.buildImage(build, () => {}, never), { code: "disk_nearly_full" });
  assert.equal((await podman.listImages()).length, before);
  await link.removeImage("example.org/web:1", never);
});
