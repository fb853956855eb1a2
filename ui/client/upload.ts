/** A folder, a zip or a file that is dropped on the form goes the way that the form goes. */

/** The server refuses more; the browser need not read them first. */
const MAX_FILES = 2_000;

interface Found {
  readonly path: string;
  readonly file: File;
}

const isLeftOut = (path: string) => /(^|\/)(\.git|node_modules)(\/|$)/.test(path);

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  while (true) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    );
    if (some.length === 0) return found;
    found.push(...some);
  }
}

async function collect(entry: FileSystemEntry, found: Found[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, "");
  if (isLeftOut(path)) return;
  if (found.length > MAX_FILES) throw new Error(`the folder has more than ${MAX_FILES} files`);
  if (entry instanceof FileSystemFileEntry) {
    found.push({ path, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) });
  } else if (entry instanceof FileSystemDirectoryEntry) {
    for (const child of await childrenOf(entry)) await collect(child, found);
  }
}

/** Takes the part of the page over. */
export function start(island: HTMLElement): void {
  const form = island.querySelector("form");
  if (form === null) return;
  const hint = document.createElement("p");
  hint.className = "drop-hint";
  hint.setAttribute("role", "status");
  const words = "Drop a folder, a zip or a compose file anywhere on this form.";
  hint.textContent = words;
  form.prepend(hint);

  async function send(entries: readonly FileSystemEntry[]): Promise<void> {
    const found: Found[] = [];
    for (const entry of entries) await collect(entry, found);
    if (found.length === 0) throw new Error("nothing in it can be sent");
    const data = new FormData();
    const project = form?.querySelector<HTMLInputElement>("[name=project]")?.value ?? "";
    data.set("project", project);
    for (const { path, file } of found) data.append("files", file, path);
    hint.textContent = `sending ${found.length} files…`;
    const response = await fetch("/apply", { method: "POST", body: data });
    if (response.redirected) return location.assign(response.url);
    // What is wrong stands in the page that came back.
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const why = page.querySelector(".form-error, .empty-title")?.textContent ??
      `the server answered ${response.status}`;
    throw new Error(why);
  }

  for (const name of ["dragenter", "dragover"]) {
    island.addEventListener(name, (event) => {
      event.preventDefault();
      island.classList.add("dropping");
    });
  }
  island.addEventListener("dragleave", (event) => {
    if (event.target === island) island.classList.remove("dropping");
  });
  island.addEventListener("drop", (event) => {
    event.preventDefault();
    island.classList.remove("dropping");
    const entries = [...event.dataTransfer?.items ?? []].flatMap((item) =>
      item.webkitGetAsEntry() ?? []
    );
    send(entries).catch((thrown: unknown) => {
      hint.textContent = thrown instanceof Error ? thrown.message : String(thrown);
      hint.classList.add("bad");
    });
  });
}
