/** Plain http on the port of https: whoever comes so is led to the right address, and told nothing else. */

const MAX_BYTES = 8 << 10;
const HEAD_END = "\r\n\r\n";

/** The address that a plain request meant, by https; null: it cannot be told. Pure. */
export function httpsAddress(head: string): string | null {
  const target = /^(?:GET|HEAD) (\/[\x21-\x7e]*) HTTP\/1\.[01]\r\n/.exec(head)?.[1];
  const host = /\r\nhost: *([A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?) *\r\n/i
    .exec(head)?.[1];
  return target === undefined || host === undefined ? null : `https://${host}${target}`;
}

/** Reads a request's head, answers it, and is done. */
export async function answerPlain(client: Deno.TcpConn, first: Uint8Array): Promise<void> {
  const decoder = new TextDecoder("latin1");
  let head = decoder.decode(first);
  const buffer = new Uint8Array(1 << 10);
  while (!head.includes(HEAD_END) && head.length < MAX_BYTES) {
    const count = await client.read(buffer);
    if (count === null) return;
    head += decoder.decode(buffer.subarray(0, count));
  }
  const address = httpsAddress(head);
  const words = "This port speaks https alone.\n";
  const status = address === null
    ? "400 Bad Request\r\n"
    : `308 Permanent Redirect\r\nlocation: ${address}\r\n`;
  const text = `HTTP/1.1 ${status}content-type: text/plain\r\ncontent-length: ${words.length}\r\n` +
    `connection: close\r\n\r\n${words}`;
  await client.write(new TextEncoder().encode(text));
  await client.closeWrite();
}
