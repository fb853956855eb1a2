/**
 * X.509 of our own: an authority that signs one certificate for the names of a node. Loaded only
 * when something is issued, since the library takes its share of memory.
 */
// The certificate library finds its parts through this.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { encodePermits, type Permits } from "./constraints.ts";
import { leafSpan, NOT_BEFORE_MS } from "./span.ts";
import type { SubjectName } from "./names.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const NAME_CONSTRAINTS = "2.5.29.30";
const SIGNING = { ...CURVE, hash: "SHA-256" } as const;

/** 9999-12-31, "no well-defined end" (RFC 5280 section 4.1.2.5): an authority that ends locks everyone out at once. */
const AUTHORITY_NOT_AFTER_MS = Date.UTC(9999, 11, 31, 23, 59, 59);
/** A certificate and its key, as PEM (the key in PKCS #8). */
export interface PemPair {
  readonly certificate: string;
  readonly key: string;
}

export interface IssueInput {
  /** For the name of the authority, which people see in their browser. */
  readonly label: string;
  /** 16 random bytes. */
  readonly serial: Uint8Array;
  /** What it may sign for. */
  readonly permits: Permits;
}

/** A new authority. */
export async function issueAuthority(input: IssueInput): Promise<PemPair> {
  const keys = await crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialOf(input.serial),
    name: [{ CN: [input.label] }, { O: ["Skerry"] }],
    notBefore: new Date(NOT_BEFORE_MS),
    notAfter: new Date(AUTHORITY_NOT_AFTER_MS),
    keys,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      // No e-mail, no code: what it signs is for servers, whatever it says.
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.Extension(NAME_CONSTRAINTS, true, encodePermits(input.permits)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem") + "\n", key: await keyPem(keys.privateKey) };
}

/** A certificate for the names, signed by the authority; `certificate` holds both, leaf first. */
export async function issueLeaf(
  authority: PemPair,
  names: readonly SubjectName[],
  now: number,
  serial: Uint8Array,
): Promise<PemPair> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const span = leafSpan(now);
  const keys = await crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialOf(serial),
    subject: [{ CN: [names.find((name) => name.value.length <= 64)?.value ?? "skerry"] }],
    issuer: issuer.subjectName,
    notBefore: new Date(span.notBefore),
    notAfter: new Date(span.notAfter),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map(({ type, value }) => ({ type, value }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: `${certificate.toString("pem")}\n${authority.certificate}`,
    key: await keyPem(keys.privateKey),
  };
}

/** Positive and never shorter than its bytes. */
function serialOf(random: Uint8Array): string {
  const [first = 0, ...rest] = random;
  const bytes = [(first & 0x3f) | 0x40, ...rest];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function keyPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY") +
    "\n";
}

async function importKey(pem: string): Promise<CryptoKey> {
  const der = x509.PemConverter.decodeFirst(pem);
  return await crypto.subtle.importKey("pkcs8", der, CURVE, false, ["sign"]);
}
