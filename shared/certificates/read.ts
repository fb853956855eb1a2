/** Reading certificates by the runtime's own means: the library that makes them costs 20 MB of memory. */
import { type KeyObject, X509Certificate } from "node:crypto";
import { type Permits, readPermits } from "./constraints.ts";

/** What matters of a certificate. Moments are milliseconds since 1970. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Names and addresses that it is for, as they are written in it. */
  readonly names: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  /** SHA-256 of the certificate: 32 pairs of upper-case hex digits, joined by colons. */
  readonly fingerprint: string;
  /** Such as `EC prime256v1` or `RSA 2048`. */
  readonly keyType: string;
  readonly isAuthority: boolean;
  /** It bears this authority's signature. */
  readonly signedBy: (authorityPem: string) => boolean;
}

/** Reads the first certificate of a PEM text. Throws on anything else. */
export function readCertificate(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem);
  return {
    subject: certificate.subject.replaceAll("\n", ", "),
    issuer: certificate.issuer.replaceAll("\n", ", "),
    names: alternativeNames(certificate),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    fingerprint: certificate.fingerprint256,
    keyType: keyTypeOf(certificate.publicKey),
    isAuthority: certificate.ca,
    signedBy: (authorityPem) => certificate.verify(new X509Certificate(authorityPem).publicKey),
  };
}

/** What an authority may sign for; null: it has no limits. */
export function permitsOf(authorityPem: string): Permits | null {
  return readPermits(new Uint8Array(new X509Certificate(authorityPem).raw));
}

/** The certificates of a PEM text, one by one, as they come. */
export function certificatesIn(text: string): readonly string[] {
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  return [...blocks].map(([block]) => block + "\n");
}

/** How a key is called by people. */
export function keyTypeOf(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType ?? "unknown";
  if (modulusLength !== undefined) return `${type.toUpperCase()} ${modulusLength}`;
  return namedCurve === undefined ? type : `${type.toUpperCase()} ${namedCurve}`;
}

/** A name with a comma or a quote in it is written in quotes. */
function alternativeNames(certificate: X509Certificate): readonly string[] {
  const text = certificate.subjectAltName ?? "";
  const parts = text.match(/(?:[^,"]|"(?:\\.|[^"\\])*")+/g) ?? [];
  return parts.flatMap((part) => {
    const match = /^\s*(?:DNS|IP Address):(.+)$/.exec(part);
    return match?.[1] === undefined ? [] : [match[1]];
  });
}
