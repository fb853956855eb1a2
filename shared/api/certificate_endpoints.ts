/** Operations on certificates; a part of ENDPOINTS. */
import { z } from "zod";
import {
  AuthorityView,
  CertificatesView,
  CertificateUpload,
  CertificateView,
} from "./certificates.ts";
import { endpoint } from "./endpoint.ts";

const none = z.object({});
const UPLOAD_BYTES = 512 << 10;

export const CERTIFICATE_ENDPOINTS = {
  authorityPem: endpoint({
    method: "GET",
    path: "/api/v1/ca.pem",
    scope: "login",
    object: "none",
    summary: "The certificate of the private authority, as a file; needs no login",
    params: none,
    query: none,
    body: null,
    answer: { raw: "bytes", event: null, type: "application/x-x509-ca-cert" },
  }),
  authority: endpoint({
    method: "GET",
    path: "/api/v1/ca",
    scope: "login",
    object: "none",
    summary: "The private authority: fingerprint, what it may sign for; needs no login",
    params: none,
    query: none,
    body: null,
    answer: { status: 200, json: AuthorityView },
  }),
  certificates: endpoint({
    method: "GET",
    path: "/api/v1/certificates",
    scope: "read",
    object: "global",
    summary: "The certificates of the page and the ingress, and how long they last",
    params: none,
    query: none,
    body: null,
    answer: { status: 200, json: CertificatesView },
  }),
  putCertificate: endpoint({
    method: "PUT",
    path: "/api/v1/certificates/uploaded",
    scope: "settings",
    object: "global",
    summary: "Checks a certificate with its key and shows it from now on for its names",
    params: none,
    query: none,
    body: { json: CertificateUpload, limitBytes: UPLOAD_BYTES },
    answer: { status: 200, json: CertificateView },
  }),
  deleteCertificate: endpoint({
    method: "DELETE",
    path: "/api/v1/certificates/uploaded",
    scope: "settings",
    object: "global",
    summary: "Forgets the uploaded certificate and its key; the own one is shown again",
    params: none,
    query: none,
    body: null,
    answer: { status: 204, json: null },
  }),
} as const;
