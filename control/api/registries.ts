/** Image registries: how the node reaches them, and as whom. Passwords go in and never come out. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { LoginAnswer, RegistryView } from "../../shared/api/registries.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { NodeId } from "../../shared/model/ids.ts";
import { SecretVersionId } from "../../shared/model/ids.ts";
import { RegistryLogin } from "../../shared/model/registry.ts";
import { encryptAtRest } from "../../shared/sealing/seal.ts";
import { type Context, newId } from "../context.ts";
import { publishAll } from "../desired/publish.ts";
import type { RegistryRow } from "../store/registries.ts";
import { checkUnchanged, etagOf } from "../conditional.ts";
import { listRoute } from "./list_route.ts";
import { answerJson, answerNothing, readBytes, readJson, route } from "./route.ts";
import { firstNode, linkOf } from "./sessions.ts";

/** How long is waited for the node to take a change over. */
const TAKE_OVER_MS = 10_000;

function viewOf({ host, plainHttp, mirrors, login, changedAt }: RegistryRow): RegistryView {
  const view = {
    host,
    plainHttp,
    mirrors: [...mirrors],
    username: login?.username ?? null,
    changedAt,
  };
  return { ...view, etag: etagOf([view, login?.id ?? null]) };
}

function known(context: Context, host: string): RegistryRow {
  const found = context.store.registries.get(host);
  if (found !== null) return found;
  throw new SkerryError(
    "not_found",
    `nothing is known of a registry "${host}"`,
    "`skerry registry list` lists those that there are.",
  );
}

/** Changes what is known, tells the nodes, and waits until they have it. False: not all have. */
async function change(
  context: Context,
  by: string,
  action: string,
  host: string,
  summary: string,
  work: () => void,
): Promise<boolean> {
  const { store, clock } = context;
  const nodes = store.transaction(() => {
    work();
    store.changes.add({ at: clock.now(), who: by, action, project: null, subject: host, summary });
    return publishAll(context);
  });
  for (const node of nodes) context.intentBell.ring(node);
  const taken = await Promise.all(nodes.map((node) => takenOver(context, node)));
  return taken.every((each) => each);
}

async function takenOver(context: Context, node: NodeId): Promise<boolean> {
  const link = context.links(node);
  const revision = context.store.nodes.list().find((each) => each.id === node)?.revision;
  if (link === null || revision === undefined) return false;
  const signal = AbortSignal.any([context.closing, AbortSignal.timeout(TAKE_OVER_MS)]);
  return await link.whenIntent(revision, signal).then(() => true, () => false);
}

/** The body as a login. What is wrong with it is said without it. */
function loginOf(username: string, password: Uint8Array): RegistryLogin {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(password);
  } catch {
    throw new SkerryError(
      "bad_request",
      "the password is not UTF-8 text",
      "Send it as text in UTF-8.",
    );
  }
  const login = RegistryLogin.safeParse({ username, password: text });
  if (login.success) return login.data;
  throw new SkerryError(
    "bad_request",
    "the password is empty, or far too long",
    "Send the password or token itself, and nothing else.",
  );
}

/** Tries a login from the node; one that is not accepted is an error, and is not kept. */
async function checked(
  context: Context,
  host: string,
  login: RegistryLogin,
  signal: AbortSignal,
): Promise<"accepted" | "not_asked"> {
  try {
    return await linkOf(context, firstNode(context)).checkLogin(host, login, signal);
  } catch (thrown) {
    if (!(thrown instanceof SkerryError)) throw thrown;
    const { code, message, remedy } = thrown;
    throw new SkerryError(code, `${message}; nothing was stored`, remedy, { cause: thrown });
  }
}

export const registryRoutes = {
  registries: listRoute(ENDPOINTS.registries, {
    rows: (context) => context.store.registries.list().map(viewOf),
    key: ({ host }) => [host],
  }),
  putRegistry: route(ENDPOINTS.putRegistry, async (context, { params, request, by }) => {
    const { plainHttp, mirrors } = await readJson(request, ENDPOINTS.putRegistry.body);
    const { store, clock } = context;
    const { host } = params;
    const said = [
      plainHttp ? "plain http" : "https",
      ...(mirrors.length === 0 ? [] : [`mirrors ${mirrors.join(", ")}`]),
    ];
    await change(context, by, "registry.set", host, said.join("; "), () => {
      const before = store.registries.get(host);
      const etag = before === null ? null : viewOf(before).etag;
      checkUnchanged(request, etag, `the registry "${host}"`);
      const login = before?.login ?? null;
      store.registries.put({ host, plainHttp, mirrors, login, changedAt: clock.now() });
    });
    const view = viewOf(known(context, host));
    return answerJson(ENDPOINTS.putRegistry, view, { etag: view.etag });
  }),
  deleteRegistry: route(ENDPOINTS.deleteRegistry, async (context, { params, by }) => {
    const { host } = known(context, params.host);
    await change(
      context,
      by,
      "registry.remove",
      host,
      "forgotten",
      () => void context.store.registries.remove(host),
    );
    return answerNothing();
  }),
  putRegistryLogin: route(
    ENDPOINTS.putRegistryLogin,
    async (context, { params, query, request, by }) => {
      const { host } = params;
      const { limitBytes } = ENDPOINTS.putRegistryLogin.body;
      const login = loginOf(query.username, await readBytes(request, limitBytes));
      const check: LoginAnswer["check"] = query.check === "false"
        ? "unchecked"
        : await checked(context, host, login, request.signal);
      const { store, keys, random, clock } = context;
      const value = encryptAtRest(
        keys.master,
        new TextEncoder().encode(JSON.stringify(login)),
        random,
      );
      const summary = `as "${login.username}"`;
      const onNode = await change(context, by, "registry.login", host, summary, () => {
        const before = store.registries.get(host);
        store.registries.put({
          host,
          plainHttp: before?.plainHttp ?? false,
          mirrors: before?.mirrors ?? [],
          login: {
            id: SecretVersionId.parse(newId(context, "sec")),
            username: login.username,
            value,
          },
          changedAt: clock.now(),
        });
      });
      const registry = viewOf(known(context, host));
      return answerJson(ENDPOINTS.putRegistryLogin, { registry, check, onNode });
    },
  ),
  deleteRegistryLogin: route(ENDPOINTS.deleteRegistryLogin, async (context, { params, by }) => {
    const { store, clock } = context;
    const found = known(context, params.host);
    if (found.login === null) {
      throw new SkerryError(
        "not_found",
        `there is no login at "${found.host}"`,
        "`skerry registry list` shows where there is one.",
      );
    }
    await change(context, by, "registry.logout", found.host, "login forgotten", () => {
      // What nothing is said of but a login is not known without it.
      if (!found.plainHttp && found.mirrors.length === 0) store.registries.remove(found.host);
      else store.registries.put({ ...found, login: null, changedAt: clock.now() });
    });
    return answerNothing();
  }),
};
