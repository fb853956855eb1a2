import assert from "node:assert/strict";
import { join } from "node:path";
import { createRunCommand } from "../../shared/command.ts";
import { buildContext } from "./build_context.ts";
import { checkLinks, fetchGitContext } from "./git_context.ts";

const run = createRunCommand();
const never = new AbortController().signal;

async function git(folder: string, ...args: string[]): Promise<string> {
  const who = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
  const { code, stdout, stderr } = await run(["git", "-C", folder, ...who, ...args]);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** git's own HTTP server side, called as CGI. */
async function backend(root: string, request: Request): Promise<Response> {
  const url = new URL(request.url);
  if (url.pathname.startsWith("/private.git/")) {
    return new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } });
  }
  const child = new Deno.Command("git", {
    args: ["http-backend"],
    env: {
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers.get("content-type") ?? "",
      HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
      GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const body = new Uint8Array(await request.arrayBuffer());
  const writer = child.stdin.getWriter();
  const fed = writer.write(body).then(() => writer.close()).catch(() => {});
  const { stdout } = await child.output();
  await fed;
  const text = new TextDecoder("latin1").decode(stdout);
  const end = text.indexOf("\r\n\r\n");
  const headers = new Headers();
  let status = 200;
  for (const line of text.slice(0, end).split("\r\n")) {
    const [name = "", value = ""] = line.split(": ");
    if (name === "Status") status = Number(value.slice(0, 3));
    else headers.set(name, value);
  }
  return new Response(stdout.slice(end + 4), { status, headers });
}

interface Served {
  readonly url: string;
  readonly old: string;
  readonly head: string;
}

async function withRepository(act: (served: Served) => Promise<void>): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const folder = join(root, "app.git");
  try {
    await git(root, "init", "-q", "-b", "main", "app.git");
    await Deno.mkdir(join(folder, "web"));
    await Deno.writeTextFile(join(folder, "Dockerfile"), "FROM scratch\n");
    await Deno.writeTextFile(join(folder, "web", "Dockerfile"), "FROM scratch\nCOPY a /\n");
    await Deno.writeTextFile(join(folder, "web", "a"), "one");
    await Deno.symlink("/etc", join(folder, "out"));
    await Deno.symlink("/etc/hostname", join(folder, "Linked"));
    await git(folder, "add", ".");
    await git(folder, "commit", "-q", "-m", "1");
    await git(folder, "tag", "v1");
    const old = await git(folder, "rev-parse", "HEAD");
    await Deno.writeTextFile(join(folder, "web", "a"), "two");
    await git(folder, "commit", "-q", "-a", "-m", "2");
    const head = await git(folder, "rev-parse", "HEAD");
    const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
    await using server = Deno.serve(options, (request) => backend(root, request));
    await act({ url: `http://127.0.0.1:${server.addr.port}/app.git`, old, head });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

Deno.test("a git address: branch, tag, commit and folder; without history; nothing stays", async () => {
  await withRepository(async ({ url, old, head }) => {
    const wanted: [string, string, string][] = [
      ["", head, "two"],
      ["#main:web", head, "two"],
      ["#v1", old, "one"],
      [`#${old}:web`, old, "one"],
    ];
    for (const [suffix, commit, content] of wanted) {
      let tree: string;
      {
        await using fetched = await fetchGitContext(url + suffix, never);
        tree = fetched.tree;
        assert.equal(fetched.commit, commit);
        assert.equal(fetched.submodules, false);
        assert.equal(fetched.context, suffix.endsWith(":web") ? join(tree, "web") : tree);
        assert.equal(await Deno.readTextFile(join(tree, "web", "a")), content);
        assert.equal(await exists(join(tree, ".git")), false);
        assert.equal(
          (await run(["git", `--git-dir=${join(tree, "..", "git")}`, "rev-list", "--all", "HEAD"]))
            .stdout.trim(),
          commit,
        );
      }
      assert.equal(await exists(join(tree, "..")), false);
    }
  });
});

Deno.test("the same commit is the same build, another one is another", async () => {
  await withRepository(async ({ url, old }) => {
    const digest = async (address: string) => {
      await using fetched = await fetchGitContext(address, never);
      const build = { context: fetched.context, dockerfile: "Dockerfile" };
      return await (await buildContext(build)).digest();
    };
    assert.equal(await digest(`${url}#v1:web`), await digest(`${url}#${old}:web`));
    assert.notEqual(await digest(`${url}#v1:web`), await digest(`${url}#main:web`));
  });
});

Deno.test("links of the repository do not lead to files of this machine", async () => {
  await withRepository(async ({ url }) => {
    await assert.rejects(fetchGitContext(`${url}#main:out`, never), { code: "outside_repository" });
    await using fetched = await fetchGitContext(url, never);
    const { tree } = fetched;
    await checkLinks(tree, tree, "Dockerfile");
    await assert.rejects(checkLinks(tree, tree, "Linked"), {
      code: "outside_repository",
      message: /"Linked"/,
    });
    await Deno.symlink("/dev/zero", join(tree, ".dockerignore"));
    await assert.rejects(checkLinks(tree, tree, "Dockerfile"), {
      code: "outside_repository",
      message: /"\.dockerignore"/,
    });
  });
});

Deno.test("a missing branch and a repository that wants a password are told, without a question", async () => {
  await withRepository(async ({ url }) => {
    await assert.rejects(fetchGitContext(`${url}#nobranch`, never), {
      code: "git_failed",
      message: /"nobranch".*remote ref/s,
      remedy: /ls-remote/,
    });
    await assert.rejects(fetchGitContext(url.replace("app.git", "private.git"), never), {
      code: "git_failed",
      message: /terminal prompts disabled/,
    });
  });
});
