/** What the OpenAPI document says in words: parameters with an example each, bodies, groups. */
import type { Endpoint } from "../../shared/api/endpoint.ts";
import type { Operation } from "../../shared/api/endpoints.ts";

/** One parameter in words. */
export interface ParameterWords {
  readonly description: string;
  /** One that fits its schema. */
  readonly example: string;
}

const HASH = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const ID = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/** Headers of requests. */
export const HEADERS = {
  "Idempotency-Key": {
    description: "A name for this request; a repeat with it does nothing more",
    example: "4b1f0c52-7f0e-4b8e-9d0a-2f6b1c3d4e5f",
  },
  "If-Match": {
    description: "The `etag` that what is changed has to have still",
    example: '"ba7816bf8f01cfea414140de5dae2223"',
  },
} as const satisfies Readonly<Record<string, ParameterWords>>;

/** By name: it means the same wherever it stands. */
export const PARAMETERS: Readonly<Record<string, ParameterWords>> = {
  account: { description: "Name of an account", example: "anna" },
  after: { description: "`next` of the page before; absent: the first page", example: "WyJhIl0" },
  args: { description: "Build arguments, a JSON object of texts", example: '{"VERSION":"1"}' },
  check: { description: "`false`: the login is stored untried", example: "true" },
  deployment: { description: "Id of a deployment", example: `dep_${ID}` },
  destination: {
    description: "`registry/name[:tag]`; absent: the image's own name",
    example: "registry.plant.lan:5000/shop/web:2",
  },
  digest: { description: "SHA-256 of the build's input", example: HASH },
  dockerfile: { description: "Path of the Dockerfile within the tar", example: "Dockerfile" },
  dryRun: { description: "`true`: only tell what would go", example: "true" },
  follow: { description: "`true`: go on with what comes", example: "false" },
  from: { description: "Beginning of the time, milliseconds since 1970", example: "1767225600000" },
  host: { description: "`host[:port]` of a registry", example: "registry.plant.lan:5000" },
  id: { description: "Id of a release", example: `rel_${ID}` },
  image: { description: "Id or reference of an image", example: "docker.io/library/nginx:1" },
  limit: { description: "The most rows of a page, 1 to 1000", example: "100" },
  name: { description: "Name of a project", example: "shop" },
  network: { description: "Key of a network: `project/network`", example: "shop/default" },
  noCache: { description: "`true`: without layers of before", example: "false" },
  node: { description: "Name of a node", example: "box" },
  number: { description: "Number of a run", example: "3" },
  points: { description: "How many points each series has", example: "120" },
  project: { description: "Name of a project; absent: all", example: "shop" },
  pull: { description: "`true`: ask the registry for newer base images", example: "false" },
  reference: { description: "Reference of an image", example: "docker.io/library/nginx:1" },
  references: { description: "References of images, joined by commas", example: "nginx:1,redis:7" },
  route: { description: "Id of a route: `service/number`", example: "web/0" },
  run: { description: "Number of a run of that service", example: "3" },
  secret: { description: "Name of a secret", example: "db-password" },
  service: { description: "Name of a service", example: "web" },
  session: { description: "Id of a login session", example: `ses_${ID}` },
  settings: { description: "More of the compose file's `build`, as JSON", example: "{}" },
  sha256: { description: "SHA-256 of the content, in lower case", example: HASH },
  since: { description: "RFC 3339: what came before is left out", example: "2026-01-02T03:04:05Z" },
  tail: { description: "The last so many lines", example: "100" },
  target: { description: "Stage of the Dockerfile to build", example: "release" },
  to: { description: "End of the time, milliseconds since 1970", example: "1767229200000" },
  token: { description: "Id of an API token", example: `tok_${ID}` },
  until: { description: "RFC 3339: what came later is left out", example: "2026-01-02T04:04:05Z" },
  username: { description: "User name at the registry", example: "ci" },
  volume: { description: "Name of a volume in its project", example: "data" },
  wait: {
    description: "With If-None-Match: hold the answer so many seconds until it is another one",
    example: "30",
  },
};

const PARTS = {
  compose: {
    model: {
      name: "shop",
      services: {
        web: {
          image: "docker.io/library/nginx:1",
          command: null,
          entrypoint: null,
          networks: { default: null },
        },
      },
      networks: { default: { name: "shop_default" } },
      volumes: {},
      secrets: {},
      configs: {},
    },
    files: {},
    builds: {},
    sourceFolder: "/srv/shop",
  },
};

/** Bodies that are accepted as they stand; a test tries each against its schema. */
export const BODIES: Readonly<Partial<Record<Operation, unknown>>> = {
  lookAtLink: { token: "0123456789abcdefghijklmn" },
  setup: { token: "0123456789abcdefghijklmn", name: "anna", password: "correct horse battery" },
  login: { name: "anna", password: "correct horse battery" },
  createToken: { name: "backup", grants: [{ role: "viewer", project: "shop" }], expiresInDays: 90 },
  createAccount: { name: "bert", grants: [{ role: "operator", project: "shop" }] },
  setGrants: { grants: [{ role: "admin", project: null }] },
  createAccountToken: { name: "ci", grants: [{ role: "operator", project: "shop" }] },
  plan: { parts: PARTS },
  createRelease: { parts: PARTS },
  startRun: { command: ["pg_dump", "shop"], noDeps: true, asJob: false },
  putRegistry: { plainHttp: true, mirrors: ["mirror.plant.lan:5000"] },
  planEdit: { edits: [{ kind: "replicas", service: "web", replicas: 2 }] },
  edit: { edits: [{ kind: "image", service: "web", image: "docker.io/library/nginx:2" }] },
};

/** The groups of operations, as they are listed. */
export const TAGS: Readonly<Record<string, string>> = {
  projects: "Projects, their plans and single values",
  releases: "What was applied, and how far it is",
  services: "Services, runs, commands in containers",
  containers: "Deployments and the containers that they run as",
  jobs: "What runs by the clock",
  volumes: "Data that outlives containers",
  routes: "What the ingress leads where",
  networks: "Who finds whom",
  secrets: "Values that go in and never come out",
  images: "Images on the node, builds",
  registries: "Where images come from, and as whom",
  nodes: "Boxes",
  metrics: "Measurements that the box keeps",
  logs: "What containers wrote, what happened, who changed what",
  accounts: "People, logins, API tokens",
  certificates: "The certificate of the page and the ingress",
  server: "The control plane itself",
  agent: "For nodes: requests that their keys sign",
};

const GROUPS: Readonly<Record<string, string>> = {
  blobs: "projects",
  builds: "images",
  ca: "certificates",
  "ca.pem": "certificates",
  changes: "logs",
  events: "logs",
  firewall: "networks",
  names: "networks",
  edits: "projects",
  login: "accounts",
  logout: "accounts",
  me: "accounts",
  plan: "projects",
  sessions: "accounts",
  settings: "accounts",
  setup: "accounts",
  "setup-link": "accounts",
  tokens: "accounts",
  version: "server",
};

/** The group of an operation, by its path. */
export function tagOf({ path }: Endpoint): string {
  const parts = path.split("/").slice(3).filter((part) => !part.startsWith("{"));
  const [first = "", second = ""] = parts;
  const last = parts.at(-1) ?? "";
  if (last === "metrics" || first === "metrics") return "metrics";
  const word = first === "projects" && second !== "" ? second : first;
  return GROUPS[word] ?? word;
}
