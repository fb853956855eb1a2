/** A zip as it lies on disk: read by its parts, never held whole. */
import { Reader, type ZipReader } from "@zip.js/zip.js";

class FileReader extends Reader<Deno.FsFile> {
  constructor(private readonly file: Deno.FsFile, override readonly size: number) {
    super(file);
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - index)));
    await this.file.seek(index, Deno.SeekMode.Start);
    for (let filled = 0; filled < bytes.length;) {
      const count = await this.file.read(bytes.subarray(filled));
      if (count === null) throw new Error("the file became shorter while it was read");
      filled += count;
    }
    return bytes;
  }
}

export interface ZipSource {
  readonly sizeBytes: number;
  readonly reader: ZipDirectoryReader;
}

type ZipDirectoryReader = ConstructorParameters<typeof ZipReader>[0];

/** Opens one; it must not change while it is open. */
export async function openZipFile(path: string): Promise<ZipSource & Disposable> {
  const file = await Deno.open(path, { read: true });
  const { size } = await file.stat();
  return {
    sizeBytes: size,
    reader: new FileReader(file, size),
    [Symbol.dispose]: () => file.close(),
  };
}
