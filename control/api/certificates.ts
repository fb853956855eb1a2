/** Certificates of the page and the ingress. What is private of them goes in and never comes out. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { CertificatesView, CertificateView } from "../../shared/api/certificates.ts";
import {
  type CertificateFacts,
  permitsOf,
  readCertificate,
} from "../../shared/certificates/read.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Context } from "../context.ts";
import { answerJson, answerNothing, readJson, route } from "./route.ts";

function viewOf(facts: CertificateFacts): CertificateView {
  const { subject, issuer, names, notBefore, notAfter, fingerprint, keyType } = facts;
  return { subject, issuer, names: [...names], notBefore, notAfter, fingerprint, keyType };
}

async function authorityView({ certificates }: Context) {
  const pem = await certificates.authority.certificate();
  const permits = permitsOf(pem);
  return {
    ...viewOf(readCertificate(pem)),
    pem,
    permits: permits === null
      ? null
      : { domains: [...permits.domains], ranges: [...permits.ranges] },
  };
}

function note(context: Context, who: string, action: string, summary: string): void {
  const { store, clock } = context;
  const subject = "certificate";
  store.transaction(() =>
    store.changes.add({ at: clock.now(), who, action, project: null, subject, summary })
  );
}

/** All certificates that are shown, and the authority. */
export async function certificatesView(context: Context): Promise<CertificatesView> {
  const own = await context.certificates.page.latest();
  const uploaded = await context.certificates.uploaded.current();
  return {
    authority: await authorityView(context),
    own: own === null ? null : viewOf(readCertificate(own)),
    uploaded: uploaded === null ? null : viewOf(uploaded.facts),
  };
}

const { authorityPem, authority, certificates, putCertificate, deleteCertificate } = ENDPOINTS;

export const certificateRoutes = {
  authorityPem: route(authorityPem, async (context) => {
    return new Response(await context.certificates.authority.certificate(), {
      headers: {
        "content-type": "application/x-x509-ca-cert",
        "content-disposition": 'attachment; filename="skerry-ca.crt"',
        "cache-control": "no-store",
      },
    });
  }),
  authority: route(
    authority,
    async (context) => answerJson(authority, await authorityView(context)),
  ),
  certificates: route(
    certificates,
    async (context) => answerJson(certificates, await certificatesView(context)),
  ),
  putCertificate: route(putCertificate, async (context, { request, by }) => {
    const { certificate, key } = await readJson(request, putCertificate.body);
    const { uploaded } = context.certificates;
    const { facts } = await uploaded.put(certificate, key, context.clock.now());
    note(context, by, "certificate.set", `${facts.names.join(", ")} (${facts.fingerprint})`);
    return answerJson(putCertificate, viewOf(facts));
  }),
  deleteCertificate: route(deleteCertificate, async (context, { by }) => {
    if (!await context.certificates.uploaded.remove()) {
      throw new SkerryError(
        "not_found",
        "there is no uploaded certificate",
        "`skerry certificate show` says what is shown.",
      );
    }
    note(context, by, "certificate.remove", "the uploaded certificate");
    return answerNothing();
  }),
};
