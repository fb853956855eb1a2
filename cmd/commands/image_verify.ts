/** `skerry image verify`: are the images that releases need in the store, whole and as pinned? */
import type { Command } from "commander";
import { z } from "zod";
import type { VerifiedImage } from "../../shared/api/images.ts";
import { bytesText } from "../../shared/bytes_text.ts";
import { SkerryError } from "../../shared/errors.ts";
import { type Cli, examples, printList, projectName, subcommand, withApi } from "../cli.ts";
import type { Column } from "../output/table.ts";
import { shortHash } from "../output/words.ts";
import { printable } from "../terminal.ts";

const Options = z.object({ release: z.string().exactOptional() });

const COLUMNS: readonly Column<VerifiedImage>[] = [
  { title: "IMAGE", cell: (row) => printable(row.reference) },
  { title: "ID", cell: (row) => shortHash(row.id) },
  { title: "STATE", cell: (row) => row.state },
  { title: "FOR", cell: (row) => row.neededFor },
  { title: "NEEDED BY", cell: (row) => row.neededBy.join(", ") },
];

/** Adds `verify` to `image`. */
export function addImageVerify(image: Command, cli: Cli): void {
  const { terminal, signal } = cli.host;
  const verify = subcommand(
    image,
    "verify",
    "read from the disk all images that releases need, and compare them with their pins",
    { output: true },
  ).option("--release <project>", "only those of this project's releases");
  examples(
    verify,
    "skerry image verify                    all that runs, and what a person goes back to",
    "skerry image verify --release shop -o json",
  );
  verify.addHelpText(
    "after",
    "\nEvery layer is put together again and hashed: this reads as much as the images are long.\n" +
      "Nothing is changed. Exit code 1 where one is absent, damaged or cannot be compared.",
  );
  verify.action((raw: unknown, command: Command) =>
    withApi(cli, command, async (api) => {
      const { release } = Options.parse(raw);
      const project = release === undefined ? null : projectName(release);
      let items: readonly VerifiedImage[] | null = null;
      for await (const event of api.verifyImages(project, signal)) {
        if (event.type === "progress") terminal.err(`reading ${printable(event.line)}\n`);
        else items = event.items;
      }
      if (items === null) {
        throw new SkerryError("unexpected_answer", "the control plane ended without an answer");
      }
      await printList(cli, command, items, COLUMNS, "no release needs an image");
      for (const { reference, state, problems, remedy } of items) {
        if (state === "whole") continue;
        terminal.err(`${printable(reference)} is ${state}\n`);
        for (const problem of problems) terminal.err(`  ${printable(problem)}\n`);
        if (remedy !== null) terminal.err(`  ${printable(remedy)}\n`);
      }
      const whole = items.filter(({ state }) => state === "whole").length;
      const read = items.reduce((sum, { readBytes }) => sum + readBytes, 0);
      terminal.err(`${whole} of ${items.length} images are whole; ${bytesText(read)} read\n`);
      if (whole < items.length) cli.exitWith(1);
    })
  );
}
