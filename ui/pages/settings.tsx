/** `/settings`: how this box is set, its certificates, and how to trust them. */
import type { LoginSettings } from "../../shared/api/accounts.ts";
import type { CertificatesView, CertificateView } from "../../shared/api/certificates.ts";
import { Card, Command, Facts, PageHeader } from "../components/card.tsx";
import {
  Button,
  EMPTY_FORM,
  Form,
  type FormState,
  TextArea,
  TextField,
} from "../components/form.tsx";
import { Moment } from "../components/time.tsx";
import type { Child, Markup } from "../markup.ts";

export interface BoxSetting {
  readonly term: string;
  readonly value: string;
  readonly flag: string;
}

function Certificate({ certificate }: { certificate: CertificateView }): Markup {
  return (
    <Facts
      items={[
        { term: "For", value: certificate.names.join(", ") || certificate.subject },
        { term: "Signed by", value: certificate.issuer },
        { term: "Until", value: <Moment at={certificate.notAfter} /> },
        { term: "Fingerprint", value: <code class="wrap">{certificate.fingerprint}</code> },
      ]}
    />
  );
}

/** The page. `login`, `certificates` null: not for this viewer, or there are none. */
export function SettingsPage(
  { box, login, certificates, loginState = EMPTY_FORM, uploadState = EMPTY_FORM }: {
    box: readonly BoxSetting[];
    login: LoginSettings | null;
    certificates: CertificatesView | null;
    loginState?: FormState;
    uploadState?: FormState;
  },
): Markup {
  return (
    <>
      <PageHeader
        title="Settings"
        lead="What flags of skerry up decide is shown; the rest can be changed here."
      />
      <Card id="box" title="This box">
        <Facts
          items={box.map(({ term, value, flag }) => ({
            term,
            value: (
              <>
                {value} <span class="muted small">{flag}</span>
              </>
            ),
          }))}
        />
      </Card>
      {login !== null && (
        <Card id="login" title="Logins">
          <Form action="/settings/login" submit="Save" state={loginState}>
            <TextField
              name="sessionIdleMinutes"
              label="A session ends after so many minutes without use"
              inputmode="numeric"
              value={String(login.sessionIdleMinutes)}
              state={loginState}
            />
            <TextField
              name="sessionHours"
              label="A session ends after so many hours"
              inputmode="numeric"
              value={String(login.sessionHours)}
              state={loginState}
            />
            <TextField
              name="totpWindowSteps"
              label="Steps of 30 s that one-time codes may be off"
              inputmode="numeric"
              value={String(login.totpWindowSteps)}
              hint="More for a box whose clock is not set."
              state={loginState}
            />
          </Form>
        </Card>
      )}
      {certificates !== null && (
        <>
          <Card id="certificate" title="Certificate of the page and the ingress">
            {certificates.own !== null && <Certificate certificate={certificates.own} />}
            {certificates.uploaded !== null && (
              <>
                <h3>Uploaded</h3>
                <Certificate certificate={certificates.uploaded} />
                <form method="post" action="/settings/certificate/delete">
                  <Button kind="danger">Forget the uploaded one</Button>
                </form>
              </>
            )}
            <p>
              <a href="/settings/trust">How to trust this box on your computer or phone</a>
            </p>
          </Card>
          <Card id="upload" title="A certificate of your own">
            <Form action="/settings/certificate" submit="Check and use it" state={uploadState}>
              <TextArea
                name="certificate"
                label="Certificate and chain (PEM)"
                rows={5}
                code
                required
                state={uploadState}
              />
              <TextArea
                name="secretKey"
                label="Key (PEM)"
                rows={5}
                code
                required
                hint="Never shown again."
              />
            </Form>
          </Card>
        </>
      )}
    </>
  );
}

const WAYS: readonly { readonly system: string; readonly steps: Child }[] = [
  {
    system: "Windows",
    steps: (
      <>
        Open the file, choose <em>Install certificate</em>, <em>Local machine</em>, and the store
        {" "}
        <em>Trusted Root Certification Authorities</em>. Or as administrator:{" "}
        <Command>certutil -addstore Root skerry-ca.crt</Command>
      </>
    ),
  },
  {
    system: "macOS",
    steps: (
      <Command>
        {"sudo security add-trusted-cert -d -r trustRoot " +
          "-k /Library/Keychains/System.keychain skerry-ca.crt"}
      </Command>
    ),
  },
  {
    system: "Debian, Ubuntu",
    steps: (
      <Command>
        {`sudo cp skerry-ca.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates`}
      </Command>
    ),
  },
  {
    system: "Fedora, RHEL",
    steps: (
      <Command>
        {`sudo cp skerry-ca.crt /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust`}
      </Command>
    ),
  },
  {
    system: "Firefox",
    steps: "Settings, Privacy and security, Certificates, View certificates, Authorities, Import.",
  },
  {
    system: "iPhone, iPad",
    steps:
      "Open the file in Safari, install the profile in Settings; then General, About, Certificate trust settings: switch it on.",
  },
  {
    system: "Android",
    steps:
      "Settings, Security, More, Encryption and credentials, Install a certificate, CA certificate.",
  },
];

/** `/settings/trust`; open to everybody, since one needs it before the first login. */
export function TrustPage({ authority }: { authority: CertificatesView["authority"] }): Markup {
  return (
    <>
      <PageHeader
        title="Trust this box"
        lead="Skerry signs its certificate itself. Once your computer trusts the authority of this box, browsers warn no more."
        actions={
          <a class="button primary" href="/api/v1/ca.pem" download="skerry-ca.crt">
            Download skerry-ca.crt
          </a>
        }
      />
      <Card id="compare" title="Compare first">
        <p>
          On the box, <Command>skerry ca show</Command> must say the same fingerprint:
        </p>
        <p class="once">{authority.fingerprint}</p>
        {authority.permits !== null && (
          <p class="muted">
            It may sign for {[...authority.permits.domains, ...authority.permits.ranges].join(", ")}
            {" "}
            and nothing else.
          </p>
        )}
      </Card>
      <Card id="ways" title="On each system">
        <Facts items={WAYS.map(({ system, steps }) => ({ term: system, value: steps }))} />
      </Card>
    </>
  );
}
