/** Whom an address may belong to: for IPv6 the /64, which one person has as a whole. */
export function networkOf(address: string | null): string {
  if (address === null) return "local";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  const whole = [...groups, ...Array<string>(zeros).fill("0"), ...after];
  return `${whole.slice(0, 4).map((each) => each.padStart(4, "0")).join(":").toLowerCase()}::/64`;
}
