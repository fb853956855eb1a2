/** Records out of bytes that come in pieces of any size, with a bound on what is held back. */
import { type LogRecord, parseRecord } from "./record.ts";

/** conmon splits at 8 KiB; what is longer is no record and is dropped up to its end. */
const MAX_RECORD_BYTES = 64 * 1024;
const NEWLINE = 10;

export interface RecordStream {
  push(bytes: Uint8Array): readonly LogRecord[];
}

export function createRecordStream(): RecordStream {
  let held: Uint8Array = new Uint8Array(0);
  let skipping = false;
  const decoder = new TextDecoder();
  return {
    push(bytes) {
      const records: LogRecord[] = [];
      let at = 0;
      while (at < bytes.length) {
        const end = bytes.indexOf(NEWLINE, at);
        const piece = bytes.subarray(at, end < 0 ? bytes.length : end);
        if (!skipping) {
          if (held.length + piece.length > MAX_RECORD_BYTES) {
            skipping = true;
            held = new Uint8Array(0);
          } else if (held.length > 0 || end < 0) {
            const joined = new Uint8Array(held.length + piece.length);
            joined.set(held);
            joined.set(piece, held.length);
            held = joined;
          }
        }
        if (end < 0) break;
        if (!skipping) {
          const record = parseRecord(decoder.decode(held.length > 0 ? held : piece));
          if (record !== null) records.push(record);
        }
        held = new Uint8Array(0);
        skipping = false;
        at = end + 1;
      }
      return records;
    },
  };
}
