/** Container images without a registry. */
import { checked } from "./program.ts";
import type { LabPodman } from "./podman.ts";

/**
 * Imports an image with nothing but a static busybox (every applet as a link in /bin) into a
 * storage; `files` are put beside it, by path. `httpd -f -p 80 -h /www` serves `/www/index.html`; its `wget` crashes.
 */
export async function importBusybox(
  podman: LabPodman,
  reference: string,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  const root = await Deno.makeTempDir({ dir: podman.host.dir });
  const archive = `${root}.tar`;
  try {
    for (const folder of ["bin", "tmp", "www", "etc"]) await Deno.mkdir(`${root}/${folder}`);
    await Deno.copyFile(await staticBusybox(), `${root}/bin/busybox`);
    for (const applet of (await checked(["busybox", "--list"])).split("\n")) {
      if (applet !== "" && applet !== "busybox") {
        await Deno.symlink("busybox", `${root}/bin/${applet}`);
      }
    }
    for (const [path, text] of Object.entries({ "www/index.html": "busybox\n", ...files })) {
      await Deno.writeTextFile(`${root}/${path}`, text);
    }
    await checked(["tar", "-C", root, "-cf", archive, "."]);
    await podman.must(["import", "--change", "ENV PATH=/bin", archive, reference]);
  } finally {
    await Deno.remove(root, { recursive: true });
    await Deno.remove(archive).catch(() => {});
  }
}

/** Debian's busybox-static puts it at /bin/busybox. */
async function staticBusybox(): Promise<string> {
  const path = "/bin/busybox";
  const file = await checked(["busybox"]).catch(() => "");
  if (file === "") throw new Error('"busybox" is missing: apt-get install busybox-static');
  return path;
}
