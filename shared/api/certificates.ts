/** Wire schemas of certificates. Keys go in and never come out. */
import { z } from "zod";

const moment = z.int();

export const CertificateView = z.object({
  subject: z.string(),
  issuer: z.string(),
  /** Names and addresses that it is for. */
  names: z.array(z.string()),
  notBefore: moment,
  notAfter: moment,
  /** SHA-256: 32 pairs of upper-case hex digits, joined by colons. */
  fingerprint: z.string(),
  keyType: z.string(),
});
export type CertificateView = z.infer<typeof CertificateView>;

/** The private authority. */
export const AuthorityView = CertificateView.extend({
  pem: z.string(),
  /** What it may sign for, and nothing else; null: it was made without such limits. */
  permits: z.object({ domains: z.array(z.string()), ranges: z.array(z.string()) }).nullable(),
});
export type AuthorityView = z.infer<typeof AuthorityView>;

export const CertificatesView = z.object({
  authority: AuthorityView,
  /** Signed by the authority, renewed by itself; null: there is none yet. */
  own: CertificateView.nullable(),
  /** Handed in; it is shown for its names, the own one for all others. */
  uploaded: CertificateView.nullable(),
});
export type CertificatesView = z.infer<typeof CertificatesView>;

/** PEM: the server's certificate first, then the one that signed it, and so on. */
export const CertificateUpload = z.strictObject({
  certificate: z.string().max(256 << 10),
  key: z.string().max(64 << 10),
});
export type CertificateUpload = z.infer<typeof CertificateUpload>;
