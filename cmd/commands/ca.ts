/** `skerry ca` and `skerry certificate`: the private authority, and a certificate of one's own. */
import type { Command } from "commander";
import { resolve } from "node:path";
import { z } from "zod";
import type {
  AuthorityView,
  CertificatesView,
  CertificateView,
} from "../../shared/api/certificates.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import { type Cli, examples, sharedOptions, subcommand, withApi } from "../cli.ts";
import { machineText } from "../output/format.ts";
import { readInput } from "../prompt.ts";
import { printable } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";

const ShowOptions = z.object({ pem: z.boolean().exactOptional() });
const SetOptions = z.object({ cert: z.string(), key: z.string() });
const MAX_PEM_BYTES = 256 << 10;
const DAY_MS = 86_400_000;

function dayOf(at: number): string {
  return at >= Date.UTC(9999, 0, 1) ? "never" : new Date(at).toISOString().slice(0, 10);
}

function lines(view: CertificateView, now: number): string[] {
  const days = Math.floor((view.notAfter - now) / DAY_MS);
  const left = days > 36_500 ? "" : days < 0 ? " (it has ended)" : ` (in ${days} days)`;
  return [
    `subject      ${printable(view.subject)}`,
    `issuer       ${printable(view.issuer)}`,
    ...(view.names.length === 0 ? [] : [`names        ${printable(view.names.join(", "))}`]),
    `ends         ${dayOf(view.notAfter)}${left}`,
    `key          ${printable(view.keyType)}`,
    `fingerprint  ${view.fingerprint}`,
  ];
}

function authorityText(view: AuthorityView, now: number): string {
  const { permits } = view;
  const signs = permits === null
    ? ["signs for    anything: it was made before there were limits; whoever has its key can"]
    : [
      `signs for    ${permits.domains.join(", ")}, and all below them`,
      `             ${permits.ranges.join(", ")}`,
    ];
  return [
    ...lines(view, now),
    ...signs,
    "",
    "To trust it: skerry ca show --pem > skerry-ca.crt, and then",
    "  Debian, Ubuntu   cp skerry-ca.crt /usr/local/share/ca-certificates/ && update-ca-certificates",
    "  Windows          certutil -addstore -f ROOT skerry-ca.crt (as administrator)",
    "  macOS            sudo security add-trusted-cert -d -k /Library/Keychains/System.keychain \\",
    "                     skerry-ca.crt",
    "  Firefox, iOS, Android and others: skerry docs certificates",
  ].join("\n") + "\n";
}

async function fileText(cli: Cli, path: string, what: string): Promise<string> {
  if (path === "-") return new TextDecoder().decode(await readInput(cli.host, MAX_PEM_BYTES));
  const at = resolve(cli.host.cwd, path);
  try {
    if ((await Deno.stat(at)).size > MAX_PEM_BYTES) {
      throw new SkerryError(
        "too_large",
        `the ${what} "${path}" is over ${MAX_PEM_BYTES} bytes`,
        "name the PEM file of this certificate alone",
      );
    }
    return await Deno.readTextFile(at);
  } catch (cause) {
    if (cause instanceof SkerryError) throw cause;
    throw new SkerryError(
      "unreadable",
      `the ${what} "${path}" cannot be read: ${messageOf(cause)}`,
      "see that it is there and that you may read it",
      { cause },
    );
  }
}

function certificatesText(view: CertificatesView, now: number): string {
  const part = (title: string, shown: CertificateView | null, none: string) => [
    title,
    ...(shown === null ? [none] : lines(shown, now)).map((line) => `  ${line}`),
    "",
  ];
  return [
    ...part("uploaded, shown for its names", view.uploaded, "none"),
    ...part("own, shown for all else", view.own, "none yet"),
    `authority of the own one: ${view.authority.fingerprint} (skerry ca show)`,
  ].join("\n") + "\n";
}

/** Adds `ca` and `certificate`. */
export function addCertificates(program: Command, cli: Cli): void {
  const { terminal, clock } = cli.host;
  const bare = { project: false, output: true };

  const ca = program.command("ca").description("the private authority of this Skerry");
  const show = subcommand(
    ca,
    "show",
    "its fingerprint, what it may sign for, how to trust it",
    bare,
  )
    .option("--pem", "the certificate itself, to install as trusted");
  examples(show, "skerry ca show", "skerry ca show --pem > skerry-ca.crt");
  show.action((raw: unknown, command: Command) => {
    const { pem = false } = ShowOptions.parse(raw);
    const format = sharedOptions(command).output ?? "table";
    return withApi(cli, command, async (api) => {
      const view = await api.authority();
      if (pem) terminal.out(view.pem);
      else if (format !== "table") terminal.out(await machineText(format, view));
      else terminal.out(authorityText(view, clock.now()));
    });
  });

  const certificate = program.command("certificate")
    .description("the certificates of the page and the ingress");
  const set = subcommand(certificate, "set", "show a certificate of your own for its names", bare)
    .requiredOption("--cert <file>", "PEM: the server's certificate, then the one that signed it …")
    .requiredOption("--key <file>", "PEM of its key, without a passphrase; - is standard input");
  examples(
    set,
    "skerry certificate set --cert fullchain.pem --key privkey.pem",
    "pass show plant/key | skerry certificate set --cert chain.pem --key -",
  );
  set.addHelpText(
    "after",
    "\nIt is checked first: key, order, dates, names, kind. The page and the ingress show it for its\n" +
      "names, and the own one for all others. The key lies on the box in a file that root alone reads.",
  );
  set.action(async (raw: unknown, command: Command) => {
    const options = SetOptions.parse(raw);
    if (options.cert === "-") {
      throw new UsageError(
        "--cert: only the key comes by standard input",
        "name the file of the certificate with --cert FILE",
      );
    }
    const upload = {
      certificate: await fileText(cli, options.cert, "certificate"),
      key: await fileText(cli, options.key, "key"),
    };
    await withApi(cli, command, async (api) => {
      const view = await api.putCertificate(upload);
      const format = sharedOptions(command).output ?? "table";
      if (format !== "table") return terminal.out(await machineText(format, view));
      terminal.out(lines(view, clock.now()).join("\n") + "\n");
      terminal.err("the page and the ingress show it within a minute\n");
    });
  });

  subcommand(certificate, "show", "what is shown, and how long it lasts", bare)
    .action((_raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        const view = await api.certificates();
        const format = sharedOptions(command).output ?? "table";
        if (format !== "table") terminal.out(await machineText(format, view));
        else terminal.out(certificatesText(view, clock.now()));
      })
    );

  subcommand(certificate, "remove", "forget the uploaded certificate and its key", {
    project: false,
  }).action((_raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      await api.deleteCertificate();
      terminal.err("it is forgotten; the own certificate is shown again within a minute\n");
    })
  );
}
