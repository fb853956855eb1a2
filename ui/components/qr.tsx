/** A text as a QR code: one path, no script, no style. */
import { encode } from "uqr";
import type { Markup } from "../markup.ts";

/** `label` says what it is to those who cannot see it. */
export function QrCode({ text, label }: { text: string; label: string }): Markup {
  const { data, size } = encode(text, { ecc: "M", border: 2 });
  const path = data.flatMap((row, y) =>
    row.flatMap((dark, x) => dark ? [`M${x} ${y}h1v1h-1z`] : [])
  ).join("");
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}
