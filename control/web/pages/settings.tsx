/** `/settings`, `/settings/trust`, `/registries` and their forms. */
import { LoginSettings } from "../../../shared/api/accounts.ts";
import type { FormState } from "../../../ui/components/form.tsx";
import { RegistriesPage } from "../../../ui/pages/registries.tsx";
import { type BoxSetting, SettingsPage, TrustPage } from "../../../ui/pages/settings.tsx";
import { formError } from "../faults.ts";
import type { FormDone, FormRoute, Page, PageAsked, PageShown } from "../page.ts";

const LOGIN_FIELDS = ["sessionIdleMinutes", "sessionHours", "totpWindowSteps"] as const;

function boxSettings({ settings }: PageAsked): BoxSetting[] {
  return [
    { term: "Version", value: settings.version, flag: "" },
    { term: "Zone of names", value: settings.zone, flag: "--zone" },
    { term: "Containers' range", value: settings.containerRange, flag: "--container-cidr" },
    { term: "HTTP of the ingress", value: String(settings.httpPort), flag: "--http-port" },
    { term: "HTTPS of the ingress", value: String(settings.httpsPort), flag: "--https-port" },
  ];
}

async function settingsShown(
  asked: PageAsked,
  failed: { readonly form: "login" | "upload"; readonly state: FormState } | null,
): Promise<PageShown> {
  const { api, viewer } = asked;
  const admin = viewer.may("admin", null);
  const [login, certificates] = await Promise.all([
    admin ? api.loginSettings() : null,
    viewer.may("viewer", null) ? api.certificates().catch(() => null) : null,
  ]);
  return {
    title: "Settings",
    ...(failed === null ? {} : { status: 422 }),
    main: (
      <SettingsPage
        box={boxSettings(asked)}
        login={login}
        certificates={certificates}
        {...(failed?.form === "login" ? { loginState: failed.state } : {})}
        {...(failed?.form === "upload" ? { uploadState: failed.state } : {})}
      />
    ),
  };
}

async function registriesShown({ api }: PageAsked, state?: FormState): Promise<PageShown> {
  const registries = await api.registries();
  return {
    title: "Registries",
    ...(state === undefined ? {} : { status: 422 }),
    main: <RegistriesPage registries={registries} {...(state === undefined ? {} : { state })} />,
  };
}

export const settingsPages: readonly Page[] = [
  { path: "/settings", show: (asked) => settingsShown(asked, null) },
  {
    path: "/settings/trust",
    open: true,
    show: async ({ api, viewer }) => ({
      title: "Trust this box",
      live: false,
      bare: viewer.name === null,
      main: <TrustPage authority={await api.authority()} />,
    }),
  },
  { path: "/registries", show: (asked) => registriesShown(asked) },
];

export const settingsForms: readonly FormRoute[] = [
  {
    path: "/settings/login",
    async submit(asked): Promise<FormDone> {
      const { api, form } = asked;
      const values = Object.fromEntries(LOGIN_FIELDS.map((name) => [name, form.text(name).trim()]));
      const parsed = LoginSettings.safeParse(
        Object.fromEntries(
          Object.entries(values).map(([name, text]) => [name, text === "" ? NaN : Number(text)]),
        ),
      );
      if (!parsed.success) {
        const errors = Object.fromEntries(
          parsed.error.issues.map(({ path, message }) => [String(path[0] ?? ""), `${message}.`]),
        );
        return await settingsShown(asked, { form: "login", state: { values, errors } });
      }
      await api.setLoginSettings(parsed.data);
      return { redirect: "/settings", flash: { kind: "done", text: "Saved." } };
    },
  },
  {
    path: "/settings/certificate",
    async submit(asked): Promise<FormDone> {
      const { api, form } = asked;
      const certificate = form.text("certificate");
      try {
        await api.putCertificate({ certificate, key: form.text("secretKey") });
      } catch (thrown) {
        const state = { values: { certificate }, errors: { "": formError(thrown) } };
        return await settingsShown(asked, { form: "upload", state });
      }
      const text = "The certificate is used from now on, for its names.";
      return { redirect: "/settings", flash: { kind: "done", text } };
    },
  },
  {
    path: "/settings/certificate/delete",
    async submit({ api }) {
      await api.deleteCertificate();
      return { redirect: "/settings", flash: { kind: "done", text: "It is forgotten." } };
    },
  },
  {
    path: "/registries",
    async submit(asked): Promise<FormDone> {
      const { api, form } = asked;
      const values = {
        host: form.text("host").trim(),
        username: form.text("username").trim(),
        check: form.text("check"),
      };
      try {
        const password = new TextEncoder().encode(form.text("password"));
        await api.putRegistryLogin(
          values.host,
          { username: values.username, password },
          values.check === "on",
        );
      } catch (thrown) {
        return await registriesShown(asked, { values, errors: { "": formError(thrown) } });
      }
      const text = `Logged in at ${values.host} as ${values.username}.`;
      return { redirect: "/registries", flash: { kind: "done", text } };
    },
  },
  {
    path: "/registries/logout",
    async submit({ api, form }) {
      await api.deleteRegistryLogin(form.text("host"));
      return { redirect: "/registries", flash: { kind: "done", text: "Logged out." } };
    },
  },
];
