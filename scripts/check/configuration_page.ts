/**
 * The page of settings in the documentation, made from the one table of flags:
 * `deno run -A scripts/check/configuration_page.ts` writes it, `deno task check` sees that it is true.
 */
import { type Flag, FLAGS } from "../../cmd/flags.ts";

const PAGE = new URL("../../ui/docs/configuration.md", import.meta.url);

const HEAD = `<!-- deno-fmt-ignore-file -->

# Settings

\`skerry up\`, \`skerry control\` and \`skerry agent\` have no configuration file: each setting is a flag or
a variable of the environment. A flag wins over its variable, the variable over the default. \`skerry
boot enable\` keeps those that it is given in the systemd unit. \`--home\` (\`SKERRY_HOME\`, default
/var/lib/skerry) names the folder in which one Skerry keeps everything; several on one machine have one
each.

<!-- Made by scripts/check/configuration_page.ts; do not edit by hand. -->

| flag | variable | default | for | |
|---|---|---|---|---|
`;

/** The whole page. Pure. */
export function configurationPage(): string {
  const rows = Object.values(FLAGS).map((flag: Flag) => {
    const fallback = flag.fallback === null
      ? "found out"
      : flag.fallback === ""
      ? "none"
      : `\`${flag.fallback}\``;
    const roles = [...flag.for].map((role) => `\`${role}\``).join(", ");
    const help = flag.help.replaceAll("|", "\\|");
    return `| \`${flag.long} ${flag.value}\` | \`${flag.variable}\` | ${fallback} | ${roles} | ${help} |\n`;
  });
  return HEAD + rows.join("");
}

/** Null, or what is to be done. */
export async function configurationPageFault(): Promise<string | null> {
  const written = await Deno.readTextFile(PAGE).catch(() => "");
  return written === configurationPage()
    ? null
    : "ui/docs/configuration.md is not what the flags say: " +
      "deno run -A scripts/check/configuration_page.ts";
}

if (import.meta.main) await Deno.writeTextFile(PAGE, configurationPage());
