/** People who use a control plane over HTTPS, for tests: browsers with a cookie, programs with a token. */
import { type ApiClient, createApiClient } from "../../shared/api/client.ts";
import type { LoginRequest } from "../../shared/api/accounts.ts";
import type { Grant } from "../../shared/model/role.ts";
import type { ControlApp } from "../app.ts";

/** Where they reach it. */
export const PAGE_ORIGIN = "https://box.test:7443";
export const PASSWORD = "a sentence for tests";

export interface Asking {
  /** What the browser has; "" : none. */
  cookie?: string;
  token?: string;
  origin?: string | null;
  address?: string;
  headers?: Readonly<Record<string, string>>;
}

/** One request as it comes over HTTPS. A cookie's requests come from our own page, if not said otherwise. */
export async function ask(
  app: Pick<ControlApp, "fetch">,
  path: string,
  init: RequestInit = {},
  { cookie = "", token, origin, address = "192.0.2.7", headers = {} }: Asking = {},
): Promise<Response> {
  const all = new Headers(init.headers);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  if (cookie !== "") all.set("cookie", `other=1; ${cookie}`);
  if (token !== undefined) all.set("authorization", `Bearer ${token}`);
  const from = origin === undefined ? (cookie === "" ? null : PAGE_ORIGIN) : origin;
  if (from !== null) all.set("origin", from);
  const request = new Request(`${PAGE_ORIGIN}${path}`, { ...init, headers: all });
  return await app.fetch(request, { kind: "anonymous", address, secure: true });
}

/** A JSON body. */
export function jsonInit(method: string, body: unknown): RequestInit {
  return { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

/** The client of somebody who asks so. */
export function clientOf(app: Pick<ControlApp, "fetch">, asking: Asking): ApiClient {
  return createApiClient(async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.body === null ? null : await request.arrayBuffer();
    return await ask(
      app,
      `${pathname}${search}`,
      { method: request.method, headers: request.headers, body, signal: request.signal },
      asking,
    );
  });
}

/** The session that an answer gives; "": none. */
export function cookieFrom(response: Response): string {
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** Logs in as a browser does; the cookie. */
export async function logIn(
  app: Pick<ControlApp, "fetch">,
  name: string,
  more: Partial<LoginRequest> & Asking = {},
): Promise<string> {
  const { password = PASSWORD, code, ...asking } = more;
  const body = { name, password, ...(code === undefined ? {} : { code }) };
  const response = await ask(app, "/api/v1/login", jsonInit("POST", body), asking);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return cookieFrom(response);
}

export interface Person {
  readonly name: string;
  readonly cookie: string;
  readonly api: ApiClient;
}

/** Somebody with an account of these grants, logged in. */
export async function createPerson(
  { app, api }: { readonly app: ControlApp; readonly api: ApiClient },
  name: string,
  grants: readonly Grant[],
): Promise<Person> {
  await api.createAccount({ name, grants: [...grants], password: PASSWORD });
  const cookie = await logIn(app, name);
  return { name, cookie, api: clientOf(app, { cookie }) };
}
