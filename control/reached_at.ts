/** Under which host a reader finds what the box serves to all who ask it, whatever the name. */
import type { ControlSettings } from "./context.ts";
import { ipv4Number, parseSubnet } from "./decide/addresses.ts";

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

const isLoopback = (name: string) =>
  name === "localhost" || name === "::1" || name.startsWith("127.");

const asHost = (name: string) => name.includes(":") ? `[${name}]` : name;

/**
 * The host by which the request came, where that is one of the box's own names; else the box's
 * address in its network. From the box itself (the socket, a forwarded port) that one is shown, too:
 * it is good there and elsewhere.
 */
export function hostOf(
  request: Pick<Request, "url">,
  { ownNames, containerRange, meshRange }: Pick<
    ControlSettings,
    "ownNames" | "containerRange" | "meshRange"
  >,
): string {
  const asked = new URL(request.url).hostname.replace(/^\[|\]$/g, "");
  const names = ownNames();
  if (!isLoopback(asked) && names.some((name) => name.toLowerCase() === asked)) {
    return asHost(asked);
  }
  const inner = [containerRange, meshRange].map(parseSubnet);
  const outside = names.filter((name) =>
    !isLoopback(name) && !(IPV4.test(name) && inner.some(({ first, size }) => {
      const number = ipv4Number(name);
      return number >= first && number < first + size;
    }))
  );
  const found = outside.find((name) => IPV4.test(name)) ??
    outside.find((name) => name.includes(":")) ?? outside[0];
  return found === undefined ? "localhost" : asHost(found);
}
