import assert from "node:assert/strict";
import { unpackTar } from "modern-tar";
import { bundleFiles, packBundle, type Piece } from "./bundle.ts";
import { redact, REMOVED } from "./redact.ts";

/** A secret each, as it may stand there; `@` is where it stands. */
const LINES: readonly string[] = [
  "Authorization: Bearer @",
  '{"authorization":"Basic @"}',
  "headers: {'Proxy-Authorization': '@'}",
  "Cookie: __Host-skerry=@; other=1",
  "set-cookie: __Host-skerry=@; Secure",
  "X-Api-Key: @",
  "GET https://anna:@@registry.plant.lan/v2/",
  "pull from http://@@registry.lan:5000 failed",
  'cloning "https://oauth2:@@git.lan/shop.git#main"',
  "postgres://user:@@db:5432/shop refused",
  "amqps://@%40host/",
  '"GET /api/v1/logs?access_token=@ HTTP/1.1" 200',
  "https://box:7443/live?path=@",
  "open /setup/@ in a browser",
  "token skt_@ was revoked",
  "jwt eyJhbGciOi@.eyJzdWIi@.sig@",
  "pushed with ghp_@",
  "found glpat-@ in the file",
  "key AKIA@",
  "slack xoxb-@",
  "hash $2y$10$@",
  "hash $argon2id$v=19$m=65536$@",
  "DATABASE_PASSWORD=@",
  "env POSTGRES_PASSWORD='@ with spaces'",
  'level=warn msg="x" env="API_TOKEN=@"',
  "args: --build-arg NPM_TOKEN=@ --target release",
  "docker login --password @ --username me",
  "mysql --password=@ -h db",
  '["curl","--auth-token","@"]',
  "client_secret: @",
  "apiKey = '@'",
  "private-key=@",
  '{"password":"@","user":"me"}',
  '{"registryPassword": "@\\"quoted"}',
  '{\\"token\\":\\"@\\"}',
  'passphrase: "@"',
  '"FOO": "@"',
  "FOO=@",
  "session=@ ended",
  "sessionId: @",
  "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE@\n-----END EC PRIVATE KEY-----",
  "-----BEGIN PRIVATE KEY-----\\nMC4CAQAw@\\n-----END PRIVATE KEY-----\\n",
  "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb@",
];

const secretOf = (at: number) => `pl4nted${String(at).padStart(3, "0")}Zq`;

async function unpacked(archive: Uint8Array<ArrayBuffer>): Promise<Map<string, string>> {
  const plain = new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"));
  const entries = await unpackTar(new Uint8Array(await new Response(plain).arrayBuffer()));
  return new Map(
    entries.map(({ header, data }) => [header.name, new TextDecoder().decode(data)]),
  );
}

Deno.test("no secret that is planted anywhere is in the archive", async () => {
  const secrets: string[] = [];
  const plant = (): string => {
    const secret = secretOf(secrets.length);
    secrets.push(secret);
    return secret;
  };
  const log = LINES.map((line) => {
    const secret = plant();
    // The last @ of a URL is its own.
    return line.replaceAll("@@", `${secret}\u0000`).replaceAll("@", secret).replaceAll(
      "\u0000",
      "@",
    );
  }).join("\n");
  const wanted = [
    { field: "command", value: `run ${plant()}` },
    { field: "environment.KEY", value: plant() },
    { field: "labels.note", value: plant() },
    { field: "image", value: "docker.io/library/nginx:1" },
  ];
  const spec = {
    environment: { A: plant() },
    labels: { "traefik.auth.users": plant() },
    command: ["serve", plant()],
    healthcheck: { test: ["CMD", plant()] },
    args: { NPM: plant() },
    secretValues: { token: plant() },
    nested: [{ registryPassword: plant(), sealedEnvironment: plant(), NPM_RC: plant() }],
  };
  const known = [
    plant(),
    `two lines\n${plant()}`,
    `with "quotes" ${plant()}`,
    `per%cent&${plant()}`,
  ];
  const everywhere = known.flatMap((value) => [
    `it said ${value} to all`,
    JSON.stringify({ free: value }),
    encodeURIComponent(value),
    btoa(value),
  ]).join("\n");
  const pieces: Piece[] = [
    { name: "logs/skerry.log", text: log },
    { name: "api/services/shop/web.json", json: { wanted, spec } },
    { name: "logs/podman.log", text: everywhere },
    { name: "api/events.json", json: [{ message: log }, { message: everywhere }] },
    { name: "api/nodes.json", json: [{ name: "box", disk: { usedPercent: 12 } }] },
  ];
  const files = bundleFiles(pieces, known);
  const found = await unpacked(await packBundle(files, "skerry-support", 0));
  assert.deepEqual(
    [...found.keys()].sort(),
    [
      "skerry-support/README.txt",
      ...pieces.map(({ name }) => `skerry-support/${name}`),
    ].sort(),
  );
  const forms = [...secrets, ...secrets.map((secret) => btoa(secret).replace(/=+$/, ""))];
  for (const [name, text] of found) {
    if (name.endsWith(".json")) JSON.parse(text);
    for (const secret of forms) {
      assert.ok(!text.includes(secret), `${name} holds ${secret}: ${lineOf(text, secret)}`);
    }
  }
  assert.ok(secrets.length > 50);
  const services = found.get("skerry-support/api/services/shop/web.json") ?? "";
  assert.match(services, /docker\.io\/library\/nginx:1/, "what is no secret is there");
  assert.match(found.get("skerry-support/api/nodes.json") ?? "", /"usedPercent": 12/);
  assert.match(found.get("skerry-support/README.txt") ?? "", /\d+ {2}logs\/podman\.log/);
});

function lineOf(text: string, word: string): string {
  return text.split("\n").find((line) => line.includes(word))?.slice(0, 200) ?? "";
}

Deno.test("what helps stays", () => {
  const lines = [
    "pulling docker.io/library/nginx@sha256:" + "ab".repeat(32),
    "container 4f5e6d7c8b9a exited with code 137",
    "route shop.example -> port 8080: live",
    "listen 127.0.0.1:7443: address already in use (os error 98)",
    'level=error msg="cannot find /var/lib/skerry/podman"',
  ];
  for (const line of lines) assert.equal(redact(line), line);
  assert.equal(redact("it is hunter2 again", ["hunter2"]), `it is ${REMOVED} again`);
});
