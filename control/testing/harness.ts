/** A control plane in memory with one node, for tests. */
import { type ApiClient, createApiClient } from "../../shared/api/client.ts";
import { homeCertificates } from "../../shared/certificates/home_certificates.ts";
import { silentLog } from "../../shared/log.ts";
import type { PasswordCost } from "../accounts/passwords.ts";
import { type ControlApp, createApp } from "../app.ts";
import { type ControlKeys, makeControlKeys } from "../keys.ts";
import { createFakeClock, type FakeClock } from "./fake_clock.ts";
import { type FakeAgent, joinFakeAgent } from "./fake_agent.ts";
import { createFakeRoom, type FakeRoom } from "./fake_room.ts";
import { createFakeLink, type FakeLink } from "./fake_link.ts";

export interface Harness extends AsyncDisposable {
  readonly app: ControlApp;
  /** As root on the box. */
  readonly api: ApiClient;
  readonly agent: FakeAgent;
  readonly clock: FakeClock;
  readonly link: FakeLink;
  readonly room: FakeRoom;
  readonly keys: ControlKeys;
  readonly folder: string;
}

export const TEST_SETTINGS = {
  namePrefix: "skerry-test",
  version: "0.0.0",
  containerRange: "10.210.0.0/24",
  meshRange: "10.110.0.0/16",
  zone: "internal",
  dnsTtlSeconds: 5,
  httpPort: 80,
  httpsPort: 443,
  authorities: ["localhost"],
  pageUrl: "https://box.test:7443",
  ownNames: (): readonly string[] => ["localhost", "127.0.0.1"],
};

/** A millisecond; the real one takes half a second. */
export const TEST_PASSWORD_COST: PasswordCost = { logN: 4, r: 8, p: 1 };

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** Dispose of it when the test is over. `database`: a file's name in its folder; absent: in memory. */
export async function createHarness(
  options: {
    readonly settings?: Partial<typeof TEST_SETTINGS>;
    readonly database?: string;
    readonly passwordCost?: PasswordCost;
    /** When it is; absent: a moment that is always the same. */
    readonly now?: number;
  } = {},
): Promise<Harness> {
  const folder = await Deno.makeTempDir({ prefix: "skerry-control-" });
  const clock = createFakeClock(options.now);
  const link = createFakeLink();
  const room = createFakeRoom();
  const keys = makeControlKeys(random);
  const app = createApp({
    databasePath: options.database === undefined ? ":memory:" : `${folder}/${options.database}`,
    blobsFolder: `${folder}/blobs`,
    room,
    keys,
    clock,
    random,
    log: silentLog,
    links: () => link,
    certificates: homeCertificates({
      certificatesDir: `${folder}/certificates`,
      agentDir: `${folder}/agent`,
    }),
    settings: { ...TEST_SETTINGS, ...options.settings },
    passwordCost: options.passwordCost ?? TEST_PASSWORD_COST,
  });
  const api = createApiClient((request) => app.fetch(request, { kind: "root", via: "socket" }));
  const agent = await joinFakeAgent(
    app,
    undefined,
    options.now === undefined ? undefined : () => clock.now(),
  );
  return {
    app,
    api,
    agent,
    clock,
    link,
    room,
    keys,
    folder,
    async [Symbol.asyncDispose]() {
      app.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
