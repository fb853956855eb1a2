/** Subject alternative names. Pure. */
import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";

export const SubjectName = z.strictObject({ type: z.enum(["dns", "ip"]), value: z.string() });
export type SubjectName = Readonly<z.infer<typeof SubjectName>>;

/**
 * Names for a certificate from hosts and addresses: lower-cased, sorted, without doubles; what is
 * neither a host name nor an address is left out.
 */
export function subjectNames(hosts: readonly string[]): readonly SubjectName[] {
  const names = new Map<string, SubjectName>();
  for (const host of hosts) {
    const value = host.toLowerCase();
    if (isIPv4(value) || (isIPv6(value) && !value.includes("%"))) {
      names.set(value, { type: "ip", value });
    } else if (isHostName(value)) {
      names.set(value, { type: "dns", value });
    }
  }
  return [...names.values()].sort((a, b) => a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
}

function isHostName(text: string): boolean {
  return text.length <= 253 &&
    text.split(".").every((label) => /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/.test(label));
}
