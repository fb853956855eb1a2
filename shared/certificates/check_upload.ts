/** Is what somebody hands in a certificate for a server, with its key and its chain? Pure but for the clock. */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { SkerryError } from "../errors.ts";
import { extensionOf, holdsBytes } from "./der.ts";
import { certificatesIn, keyTypeOf, readCertificate } from "./read.ts";

/** Extended key usage, 2.5.29.37, and in it the purposes "TLS server" and "any". */
const EXTENDED_KEY_USAGE = [0x55, 0x1d, 0x25];
const SERVER_AUTH = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const ANY_USE = [0x55, 0x1d, 0x25, 0x00];
const CURVES: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "P-256", "P-384"]);
const MIN_RSA_BITS = 2_048;
const MAX_CHAIN = 10;

/** Errors: `bad_certificate`, `bad_key`, each with what is wrong and how it is mended. */
export function checkUpload(
  certificateText: string,
  keyText: string,
  now: number,
): { readonly certificate: string; readonly key: string } {
  const pems = certificatesIn(certificateText);
  if (pems.length === 0) {
    throw bad("there is no certificate in the file", formOf(certificateText));
  }
  if (pems.length > MAX_CHAIN) {
    throw bad(`there are ${pems.length} certificates in the file`, "hand in one server's chain");
  }
  const chain = pems.map((pem, index) => parsed(pem, index));
  const key = readKey(keyText);
  checkMatch(chain, key);
  checkKind(chain[0] ?? parsed("", 0), key);
  checkOrder(chain);
  checkDates(chain, now);
  return {
    certificate: pems.join(""),
    key: `${key.export({ type: "pkcs8", format: "pem" })}`.trimEnd() + "\n",
  };
}

function bad(what: string, remedy: string | null): SkerryError {
  return new SkerryError("bad_certificate", what, remedy);
}

function formOf(text: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    return "it holds a key: the certificate goes into --cert, the key into --key";
  }
  if (/-----BEGIN PKCS7-----/.test(text)) {
    return "it is PKCS #7: openssl pkcs7 -in FILE -print_certs -out cert.pem";
  }
  return "write it as PEM (-----BEGIN CERTIFICATE-----); of DER: openssl x509 -inform der -in FILE";
}

function parsed(pem: string, index: number): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw bad(`certificate ${index + 1} in the file cannot be read`, "copy the file anew");
  }
}

function readKey(text: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw new SkerryError(
      "bad_key",
      "the key is encrypted under a passphrase",
      "take it off, in a folder that only you can read: openssl pkey -in KEY -out plain.key",
    );
  }
  try {
    return createPrivateKey(text);
  } catch {
    const swapped = text.includes("-----BEGIN CERTIFICATE-----");
    throw new SkerryError(
      "bad_key",
      swapped ? "in place of the key there is a certificate" : "the key cannot be read",
      "write it as PEM (-----BEGIN PRIVATE KEY-----), PKCS #8, PKCS #1 or SEC 1",
    );
  }
}

function belongs(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    const its = certificate.publicKey.export({ type: "spki", format: "der" });
    return createPublicKey(key).export({ type: "spki", format: "der" }).equals(its);
  } catch {
    return false;
  }
}

function checkMatch(chain: readonly X509Certificate[], key: KeyObject): void {
  const at = chain.findIndex((each) => belongs(each, key));
  if (at === 0) return;
  if (at > 0) {
    throw bad(
      `the key is that of certificate ${at + 1} in the file, not of the first one`,
      "put the server's own certificate first, then the one that signed it, and so on",
    );
  }
  throw new SkerryError(
    "bad_key",
    `the key does not belong to the certificate of "${nameOf(chain[0])}"`,
    "hand in the key that its request was made with; a renewed certificate may have a new one",
  );
}

function checkKind(leaf: X509Certificate, key: KeyObject): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const good = type === "rsa"
    ? (details?.modulusLength ?? 0) >= MIN_RSA_BITS
    : type === "ec" && CURVES.has(details?.namedCurve ?? "");
  if (!good) {
    throw new SkerryError(
      "bad_key",
      `browsers do not take a key of the kind ${keyTypeOf(key)}`,
      "use EC P-256, EC P-384, or RSA with 2048 bits or more",
    );
  }
  if (leaf.ca) {
    throw bad(
      `"${nameOf(leaf)}" is the certificate of an authority, not of a server`,
      "have a certificate with CA:FALSE signed by it",
    );
  }
  if (readCertificate(leaf.toString()).names.length === 0) {
    throw bad(
      `the certificate of "${nameOf(leaf)}" names no host (no subjectAltName)`,
      "have one issued with the host's names as subjectAltName; browsers look at nothing else",
    );
  }
  const uses = extensionOf(new Uint8Array(leaf.raw), EXTENDED_KEY_USAGE);
  if (uses !== null && !holdsBytes(uses, SERVER_AUTH) && !holdsBytes(uses, ANY_USE)) {
    throw bad(
      `the certificate of "${nameOf(leaf)}" is not for servers`,
      "have one issued with extendedKeyUsage serverAuth",
    );
  }
}

function checkOrder(chain: readonly X509Certificate[]): void {
  for (const [index, each] of chain.entries()) {
    const next = chain[index + 1];
    if (next === undefined) return;
    if (signs(next, each)) continue;
    throw bad(
      `certificate ${index + 2} in the file ("${nameOf(next)}") did not sign certificate ` +
        `${index + 1} ("${nameOf(each)}")`,
      "put them in order: the server's own, the one that signed it, and so on",
    );
  }
}

function signs(authority: X509Certificate, each: X509Certificate): boolean {
  try {
    return each.checkIssued(authority) && each.verify(authority.publicKey);
  } catch {
    return false;
  }
}

function checkDates(chain: readonly X509Certificate[], now: number): void {
  const day = (text: string) => new Date(text).toISOString().slice(0, 10);
  for (const each of chain) {
    if (Date.parse(each.validTo) <= now) {
      throw bad(`the certificate of "${nameOf(each)}" ended on ${day(each.validTo)}`, "renew it");
    }
    if (Date.parse(each.validFrom) > now) {
      throw bad(
        `the certificate of "${nameOf(each)}" begins on ${day(each.validFrom)}`,
        `this host's clock says ${new Date(now).toISOString()}: is it right?`,
      );
    }
  }
}

function nameOf(certificate: X509Certificate | undefined): string {
  const subject = certificate?.subject ?? "";
  return (/^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll("\n", ", ")).slice(0, 200);
}
