/** A part of a page that a client script of the same name takes over; live changes leave it alone. */
import type { Child, Markup } from "../markup.ts";

/** `settings` reach ui/client/NAME.ts as JSON; children are what stands there without script. */
export function Island(
  { name, id, settings, children }: {
    name: string;
    id: string;
    settings: Readonly<Record<string, string | number | boolean | null>>;
    children?: Child;
  },
): Markup {
  return (
    <div
      class={`island ${name}`}
      id={id}
      data-island={name}
      data-settings={JSON.stringify(settings)}
    >
      {children}
    </div>
  );
}
