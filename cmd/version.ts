/** The version of this program. */
export const VERSION = "0.1.0-dev";
/** About when it was made: no clock that is right is earlier. */
export const BUILT_AT = Date.UTC(2026, 10, 1);
