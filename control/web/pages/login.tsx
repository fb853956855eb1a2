/** `/login`, `/setup/TOKEN`, `/logout`. Secrets stand in bodies alone; the cookie is the API's own. */
import { API_ORIGIN } from "../../../shared/api/client.ts";
import { LinkToken } from "../../../shared/api/accounts.ts";
import { ApiError, Problem } from "../../../shared/api/problem.ts";
import { SkerryError } from "../../../shared/errors.ts";
import { CodePage, LoginPage, SetupPage } from "../../../ui/pages/login.tsx";
import { formError } from "../faults.ts";
import { ownPath } from "../match.ts";
import type { FormDone, FormRoute, Page, PageAsked, PageShown } from "../page.ts";

type Sent = Pick<PageAsked, "send"> & { readonly request: Request };

/** What the API answered, with its cookie. Throws its problem. */
async function answered({ send, request }: Sent, path: string, body: unknown): Promise<Headers> {
  const agent = request.headers.get("user-agent");
  const response = await send(
    new Request(new URL(path, API_ORIGIN), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(agent === null ? {} : { "user-agent": agent }),
      },
      body: JSON.stringify(body),
    }),
  );
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, Problem.parse(JSON.parse(text)));
  const headers = new Headers();
  for (const cookie of response.headers.getSetCookie()) headers.append("set-cookie", cookie);
  return headers;
}

function loginShown(next: string, ready: boolean, name: string, error: string | null): PageShown {
  const state = { values: { name }, errors: error === null ? {} : { "": error } };
  return {
    title: "Log in",
    bare: true,
    live: false,
    ...(error === null ? {} : { status: 401 }),
    main: <LoginPage next={next} ready={ready} state={state} />,
  };
}

function codeShown(next: string, pending: string, error: string | null): PageShown {
  const state = { values: {}, errors: error === null ? {} : { code: error } };
  return {
    title: "One-time code",
    bare: true,
    live: false,
    status: error === null ? 200 : 401,
    main: <CodePage next={next} pending={pending} state={state} />,
  };
}

function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof ApiError)) return formError(thrown);
  const { detail, remedy } = thrown.problem;
  const text = `${detail.slice(0, 1).toUpperCase()}${detail.slice(1)}.`;
  return thrown.problem.code === "login_failed" || remedy === null ? text : `${text} ${remedy}`;
}

export const loginPage: Page = {
  path: "/login",
  open: true,
  async show({ api, query }) {
    const { ready } = await api.loginState();
    return loginShown(ownPath(query.get("next")), ready, "", null);
  },
};

export const loginForm: FormRoute = {
  path: "/login",
  open: true,
  limitBytes: 64 << 10,
  async submit({ form, sealed, ...asked }): Promise<FormDone> {
    const next = ownPath(form.text("next"));
    const pending = form.text("pending");
    let name = form.text("name").trim();
    let password = form.text("password");
    const code = form.text("code").trim();
    if (pending !== "") {
      const opened = sealed.open(pending);
      if (opened === null) {
        return loginShown(next, true, "", "This took too long. Log in again.");
      }
      const [first = "", ...rest] = opened.split("\n");
      [name, password] = [first, rest.join("\n")];
    }
    try {
      const body = { name, password, ...(code === "" ? {} : { code }) };
      return { redirect: next, headers: await answered(asked, "/api/v1/login", body) };
    } catch (thrown) {
      const problem = thrown instanceof ApiError ? thrown.problem.code : "";
      if (problem === "code_needed") {
        return codeShown(next, sealed.seal(`${name}\n${password}`), null);
      }
      if (problem === "code_wrong") return codeShown(next, pending, wordsOf(thrown));
      return loginShown(next, true, name, wordsOf(thrown));
    }
  },
};

async function setupShown({ api }: PageAsked, token: string, error: string | null, name: string) {
  const parsed = LinkToken.safeParse(token);
  if (!parsed.success) {
    throw new SkerryError("link_refused", "this link is not whole", "Copy all of it, to its end.");
  }
  const look = await api.lookAtLink(parsed.data);
  const state = { values: { name }, errors: error === null ? {} : { "": error } };
  return {
    title: "Set-up",
    bare: true,
    live: false,
    status: error === null ? 200 : 422,
    main: <SetupPage token={token} look={look} state={state} />,
  };
}

export const setupPage: Page = {
  path: "/setup/:token",
  open: true,
  show: async (asked) => ({
    ...await setupShown(asked, asked.params["token"] ?? "", null, ""),
  }),
};

export const setupForm: FormRoute = {
  path: "/setup",
  open: true,
  limitBytes: 64 << 10,
  async submit({ form, request, ...asked }): Promise<FormDone> {
    const token = form.text("token");
    const name = form.text("name").trim();
    const password = form.text("password");
    try {
      if (password !== form.text("again")) {
        throw new SkerryError(
          "bad_request",
          "the two passwords differ",
          "Type the same one twice.",
        );
      }
      const body = { token, password, ...(name === "" ? {} : { name: name.toLowerCase() }) };
      const headers = await answered({ ...asked, request }, "/api/v1/setup", body);
      const text = "Welcome. One-time codes make your account safer: set them up under Account.";
      return { redirect: "/", flash: { kind: "done", text }, headers };
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.problem.code === "link_refused") throw thrown;
      return await setupShown(asked, token, wordsOf(thrown), name);
    }
  },
};

export const logoutForm: FormRoute = {
  path: "/logout",
  async submit(asked) {
    return { redirect: "/login", headers: await answered(asked, "/api/v1/logout", null) };
  },
};
