/** `skerry image list|pull|push|rm|prune|save|load|verify`. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import type { ImageView } from "../../shared/api/images.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import {
  type Cli,
  examples,
  printList,
  projectName,
  sharedOptions,
  subcommand,
  withApi,
} from "../cli.ts";
import { machineText } from "../output/format.ts";
import type { Column } from "../output/table.ts";
import { agoText, bytesText, shortHash } from "../output/words.ts";
import { printable } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";
import { addImageVerify } from "./image_verify.ts";

const PruneOptions = z.object({ dryRun: z.boolean().exactOptional() });
const SaveOptions = z.object({ file: z.string(), release: z.string().exactOptional() });
const LoadOptions = z.object({ input: z.string() });

function columns(now: number): readonly Column<ImageView>[] {
  return [
    { title: "ID", cell: (row) => shortHash(row.id) },
    { title: "NAME", cell: (row) => printable(row.references.join(", ") || "-") },
    { title: "SIZE", cell: (row) => bytesText(row.sizeBytes) },
    { title: "AGE", cell: (row) => agoText(row.createdAt, now) },
    { title: "USED BY", cell: (row) => row.usedBy.join(", ") || (row.keptFor ?? "") },
  ];
}

/** Adds `image`. */
export function addImage(program: Command, cli: Cli): void {
  const { terminal, cwd, signal, clock } = cli.host;
  const image = program.command("image").description("images on the node");

  subcommand(image, "list", "images, their sizes and who needs them", { output: true })
    .alias("ls")
    .action((_raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        await printList(cli, command, await api.images(), columns(clock.now()), "no images");
      })
    );

  const pull = subcommand(image, "pull <references...>", "fetch images from their registries");
  examples(pull, "skerry image pull docker.io/library/nginx:1.27");
  pull.action((references: string[], _raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      for (const reference of references) {
        for await (const event of api.pullImage(reference, signal)) {
          if (event.type === "progress") terminal.err(`${printable(event.line)}\n`);
          else terminal.out(`${event.id ?? reference}\n`);
        }
      }
    })
  );

  const push = subcommand(
    image,
    "push <image> [destination]",
    "send an image to its registry, or under another name to another one",
    { project: false },
  );
  examples(
    push,
    "skerry image push registry.plant.lan:5000/shop/web:2",
    "skerry image push localhost/shop/web:latest registry.plant.lan:5000/shop/web:2",
  );
  push.addHelpText(
    "after",
    "\nThe node's login at that registry is used (skerry registry login). What the registry has in\n" +
      "the end is asked of it: the name with its digest is printed.",
  );
  push.action((name: string, destination: string | undefined, _raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      for await (const event of api.pushImage(name, destination ?? null, signal)) {
        if (event.type === "progress") terminal.err(`${printable(event.line)}\n`);
        else terminal.out(`${pushedName(event.reference, event.digest)}\n`);
      }
    })
  );

  addImageVerify(image, cli);

  subcommand(image, "rm <images...>", "remove images that no service runs")
    .action((images: string[], _raw: unknown, command: Command) =>
      withApi(cli, command, async (api) => {
        for (const each of images) {
          await api.deleteImage(each);
          terminal.err(`${each} is removed\n`);
        }
      })
    );

  const prune = subcommand(
    image,
    "prune",
    "remove images that neither the current nor the previous release of a project needs",
    { output: true },
  ).option("--dry-run", "only say what would go");
  prune.action((raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const dryRun = PruneOptions.parse(raw).dryRun ?? false;
      const answer = await api.pruneImages(dryRun);
      const format = sharedOptions(command).output ?? "table";
      if (format !== "table") return terminal.out(await machineText(format, answer));
      for (const { id, references } of answer.removed) {
        terminal.out(`${shortHash(id)} ${printable(references.join(", ") || "-")}\n`);
      }
      for (const { id, why } of answer.stayed) {
        terminal.err(`${shortHash(id)} stays: ${printable(why)}\n`);
      }
      const verb = dryRun ? "would free up to" : "freed up to";
      terminal.err(`${answer.removed.length} images; ${verb} ${bytesText(answer.freedBytes)}\n`);
      if (answer.stayed.length > 0) cli.exitWith(1);
    })
  );

  const save = subcommand(
    image,
    "save [references...]",
    "write images, or all of a project's release, into one archive",
  )
    .requiredOption("-f, --file <path>", "the archive to write")
    .option("--release <project>", "every image that the project's release runs");
  examples(
    save,
    "skerry image save -f shop.tar --release shop     for a box without a network",
    "skerry image save -f nginx.tar docker.io/library/nginx:1.27",
  );
  save.action((references: string[], raw: unknown, command: Command) => {
    const options = SaveOptions.parse(raw);
    if ((references.length === 0) === (options.release === undefined)) {
      throw new UsageError(
        "image save: nothing, or two things, are named",
        "write references, or --release PROJECT",
      );
    }
    return withApi(cli, command, async (api) => {
      const what = options.release === undefined
        ? { references }
        : { project: projectName(options.release) };
      const path = resolve(cwd, options.file);
      const written = await writeWhole(path, await api.saveImages(what, signal));
      terminal.err(`${printable(path)}: ${bytesText(written)}\n`);
    });
  });

  const load = subcommand(image, "load", "take in the images of an archive; ids stay")
    .requiredOption("-i, --input <path>", "an archive of `skerry image save` or `docker save`");
  examples(load, "skerry image load -i shop.tar");
  load.action((raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const path = resolve(cwd, LoadOptions.parse(raw).input);
      const file = await openArchive(path);
      for (const each of await api.loadImages(file.readable, signal)) {
        terminal.out(`${printable(each)}\n`);
      }
    })
  );
}

/** `registry/name:tag@sha256:…` */
function pushedName(reference: string, digest: string | null): string {
  return printable(digest === null ? reference : `${reference}@${digest}`);
}

async function openArchive(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (thrown) {
    throw new SkerryError(
      "no_archive",
      `the archive "${path}" cannot be read: ${messageOf(thrown)}`,
      "name one that `skerry image save` or `docker save` wrote",
    );
  }
}

/** Into a file beside it first: an archive that was cut short never bears the name. Gives its bytes. */
async function writeWhole(path: string, tar: ReadableStream<Uint8Array>): Promise<number> {
  const part = `${path}.part`;
  try {
    const file = await Deno.open(part, { write: true, create: true, truncate: true, mode: 0o600 });
    await tar.pipeTo(file.writable);
    const { size } = await Deno.stat(part);
    await Deno.rename(part, path);
    return size;
  } catch (thrown) {
    await Deno.remove(part).catch(() => undefined);
    if (thrown instanceof SkerryError) throw thrown;
    throw new SkerryError(
      "not_saved",
      `the archive "${path}" was not written: ${messageOf(thrown)}`,
      "check the folder, the space on its disk and `skerry doctor`",
      { cause: thrown },
    );
  }
}
