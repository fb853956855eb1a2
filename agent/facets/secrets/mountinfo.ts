/** Which file system a path lies on, from /proc/self/mountinfo (proc(5)). Pure. */

/** The type of the file system that holds `path`, such as `tmpfs`; null where none can be told. */
export function fileSystemOf(mountinfo: string, path: string): string | null {
  let best: { readonly point: string; readonly type: string } | null = null;
  for (const line of mountinfo.split("\n")) {
    const [before, after] = line.split(" - ");
    const point = before?.split(" ")[4];
    const type = after?.split(" ")[0];
    if (point === undefined || type === undefined) continue;
    const folder = unescapeOctal(point);
    const holds = path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
    // A later line with the same point was mounted over the earlier one.
    if (holds && (best === null || folder.length >= best.point.length)) {
      best = { point: folder, type };
    }
  }
  return best?.type ?? null;
}

function unescapeOctal(text: string): string {
  return text.replace(
    /\\([0-7]{3})/g,
    (_, digits: string) => String.fromCharCode(parseInt(digits, 8)),
  );
}
