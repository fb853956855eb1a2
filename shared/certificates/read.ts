/** Reading certificates by the runtime's own means: the library that makes them costs 20 MB of memory. */
import { X509Certificate } from "node:crypto";

/** What matters of a certificate on disk. */
export interface CertificateFacts {
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** It bears this authority's signature. */
  readonly signedBy: (authorityPem: string) => boolean;
}

/** Reads the first certificate of a PEM text. Throws on anything else. */
export function readCertificate(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem);
  return {
    notAfter: Date.parse(certificate.validTo),
    signedBy: (authorityPem) => certificate.verify(new X509Certificate(authorityPem).publicKey),
  };
}
