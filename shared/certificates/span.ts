/** From when to when certificates hold, whatever the clocks of boxes and of who visits them say. Pure. */

/** Clocks of edge boxes and of who visits them are often years behind. */
export const NOT_BEFORE_MS = Date.UTC(2020, 0, 1);
const DAY_MS = 86_400_000;
/** How long a certificate lasts from its making. */
export const LEAF_LIFETIME_MS = 90 * DAY_MS;
/** A certificate is renewed so long before its end. */
export const RENEW_BEFORE_MS = 30 * DAY_MS;
/** So far before its making it begins, for clocks that are behind: with its life 825 days, Apple's most. */
const BACKDATED_MS = 735 * DAY_MS;
/** A clock that shows less was never set: this program is younger. */
export const CLOCK_SET_MS = Date.UTC(2026, 0, 1);
/** Made under a clock that was never set, a certificate holds until a right one is made. */
const UNDATED_NOT_AFTER_MS = Date.UTC(2049, 11, 31);

/** From when to when a certificate made now is to hold. */
export function leafSpan(now: number): { readonly notBefore: number; readonly notAfter: number } {
  if (now < CLOCK_SET_MS) return { notBefore: NOT_BEFORE_MS, notAfter: UNDATED_NOT_AFTER_MS };
  return { notBefore: now - BACKDATED_MS, notAfter: now + LEAF_LIFETIME_MS };
}

/** Is a certificate of this span neither near its end nor made under a wrong clock? */
export function isFresh(notBefore: number, notAfter: number, now: number): boolean {
  if (now < CLOCK_SET_MS) return notBefore <= NOT_BEFORE_MS && notAfter >= UNDATED_NOT_AFTER_MS;
  const left = notAfter - now;
  return notBefore <= now && left > RENEW_BEFORE_MS && left <= LEAF_LIFETIME_MS + DAY_MS;
}
