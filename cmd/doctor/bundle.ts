/** `skerry doctor --bundle`: a support archive, without secrets. */
import { packTar } from "modern-tar";
import { redact, redactJson } from "./redact.ts";

/** What was gathered for one file of the archive. */
export type Piece =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly json: unknown };

/** One file of the archive. */
export interface BundleFile {
  readonly name: string;
  readonly text: string;
}

/** The newest part of what is long. */
const MOST = 512 * 1024;

/** The files as they travel: redacted, with a list of them. Pure. */
export function bundleFiles(
  pieces: readonly Piece[],
  known: readonly string[],
): readonly BundleFile[] {
  const files = pieces.map((piece): BundleFile => {
    // A cut must not take the beginning of what would have been known by it.
    const whole = "json" in piece
      ? JSON.stringify(redactJson(piece.json, known), null, 2) + "\n"
      : redact(piece.text, known);
    return { name: piece.name, text: whole.length > MOST ? whole.slice(-MOST) : whole };
  });
  const list = files.map(({ name, text }) => `${String(text.length).padStart(9)}  ${name}`);
  return [{ name: "README.txt", text: ABOUT + list.join("\n") + "\n" }, ...files];
}

const ABOUT =
  `A support archive of Skerry. Taken out: values of variables and secrets, passwords, tokens, keys,
commands and labels of services, headers that log in, users and queries of URLs. Names of projects,
services, hosts, images and addresses are in it. Read it before you send it.

`;

/** The archive: a tar, compressed by gzip. */
export async function packBundle(
  files: readonly BundleFile[],
  folder: string,
  now: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const tar = await packTar(files.map(({ name, text }) => {
    const body = encoder.encode(text);
    return {
      header: {
        name: `${folder}/${name}`,
        size: body.length,
        mode: 0o600,
        mtime: new Date(now),
        type: "file" as const,
      },
      body,
    };
  }));
  const packed = new Blob([new Uint8Array(tar)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
