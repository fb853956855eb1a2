/** Is this text an address or a CIDR that Traefik's allow list takes? */
import { isIPv4, isIPv6 } from "node:net";

export function isAddressRange(text: string): boolean {
  const [address, bits, ...rest] = text.split("/");
  if (address === undefined || rest.length > 0 || address.includes("%")) return false;
  const width = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  if (width === 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width);
}
