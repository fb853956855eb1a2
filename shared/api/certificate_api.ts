/** The client's calls on certificates. */
import { CERTIFICATE_ENDPOINTS } from "./certificate_endpoints.ts";
import type {
  AuthorityView,
  CertificatesView,
  CertificateUpload,
  CertificateView,
} from "./certificates.ts";
import type { ApiCalls } from "./calls.ts";

export interface CertificateApi {
  authority(): Promise<AuthorityView>;
  certificates(): Promise<CertificatesView>;
  putCertificate(upload: CertificateUpload): Promise<CertificateView>;
  deleteCertificate(): Promise<void>;
}

export function certificateApi({ json, nothing }: ApiCalls): CertificateApi {
  const { authority, certificates, putCertificate, deleteCertificate } = CERTIFICATE_ENDPOINTS;
  return {
    authority: () => json(authority),
    certificates: () => json(certificates),
    putCertificate: (upload) =>
      json(putCertificate, { body: JSON.stringify(upload), contentType: "application/json" }),
    deleteCertificate: () => nothing(deleteCertificate, {}),
  };
}
