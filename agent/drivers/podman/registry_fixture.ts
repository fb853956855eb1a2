/** Debian's registry for tests: on a free port of this machine, with a folder of its own. */
import { systemClock } from "../../../shared/clock.ts";
import type { RegistryLogin } from "../../../shared/model/registry.ts";

export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Lines of its own log, one a request and more. */
  log(): Promise<string>;
  /** Where it keeps what it has. */
  readonly data: string;
}

export interface TestRegistryOptions {
  /** Who alone may come in; absent: everybody. */
  readonly login?: RegistryLogin;
  /** Passes on what another registry has, and keeps it. */
  readonly mirrorOf?: string;
}

/** An htpasswd(1) line of bcrypt, the only kind that the registry reads. */
export async function htpasswd({ username, password }: RegistryLogin): Promise<string> {
  // libxcrypt, by way of the Perl that every Debian has.
  const script = 'chomp(my $p = <STDIN>); print crypt($p, "\\$2b\\$04\\$abcdefghijklmnopqrstuu")';
  const perl = new Deno.Command("perl", {
    args: ["-e", script],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = perl.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${password}\n`));
  await writer.close();
  const { stdout } = await perl.output();
  return `${username}:${new TextDecoder().decode(stdout)}\n`;
}

/** The configuration of a registry that keeps its things in a folder. Pure. */
export function registryConfig(
  folder: string,
  address: string,
  options: { readonly hasLogin: boolean; readonly mirrorOf?: string },
): string {
  return [
    "version: 0.1",
    "log: { level: info }",
    `storage: { filesystem: { rootdirectory: ${folder}/data }, delete: { enabled: true } }`,
    `http: { addr: "${address}" }`,
    ...(options.hasLogin
      ? [`auth: { htpasswd: { realm: skerry-test, path: ${folder}/htpasswd } }`]
      : []),
    ...(options.mirrorOf === undefined
      ? []
      : [`proxy: { remoteurl: "http://${options.mirrorOf}" }`]),
    "",
  ].join("\n");
}

export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const folder = await Deno.makeTempDir({ prefix: "skerry-registry-" });
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const host = `127.0.0.1:${probe.addr.port}`;
  probe.close();
  const { login, mirrorOf } = options;
  if (login !== undefined) await Deno.writeTextFile(`${folder}/htpasswd`, await htpasswd(login));
  const config = registryConfig(folder, host, {
    hasLogin: login !== undefined,
    ...(mirrorOf === undefined ? {} : { mirrorOf }),
  });
  await Deno.writeTextFile(`${folder}/config.yml`, config);
  const logFile = `${folder}/log`;
  let process: Deno.ChildProcess;
  try {
    process = new Deno.Command("docker-registry", {
      args: ["serve", `${folder}/config.yml`],
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch {
    throw new Error("docker-registry is missing: apt-get install docker-registry");
  }
  const file = await Deno.open(logFile, { write: true, create: true });
  const logging = process.stdout.pipeTo(file.writable);
  const close = async () => {
    process.kill("SIGTERM");
    await process.status;
    await logging;
    await Deno.remove(folder, { recursive: true });
  };
  try {
    const deadline = performance.now() + 30_000;
    while (true) {
      const ready = await fetch(`http://${host}/v2/`).then(
        (response) => response.body?.cancel().then(() => true) ?? true,
        () => false,
      );
      if (ready) break;
      if (performance.now() > deadline) throw new Error("the registry does not start");
      await systemClock.sleep(50);
    }
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return {
    host,
    data: `${folder}/data`,
    log: () => Deno.readTextFile(logFile),
    [Symbol.asyncDispose]: close,
  };
}
