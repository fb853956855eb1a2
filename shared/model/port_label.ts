/**
 * The names of ports that DNS can tell by SRV: as of a service's name there (RFC 6335 section 5.1),
 * but up to what a label holds beside its `_`.
 */
export const PORT_LABEL: RegExp = /^[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?$/i;
