/** A terminal in a container: xterm.js over the exec WebSocket of the API. */
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { outputOf, serverWord, stdinFrames } from "./exec_frames.ts";
import type { IslandSettings } from "./islands.ts";

/** So much may wait to be shown before the page says that it cannot keep up. */
const MAX_WAITING = 4 << 20;
/** So often the server is asked whether it is there; without an answer until the next time it is not. */
const PING_MS = 15_000;

function colours(room: HTMLElement): { background: string; foreground: string; cursor: string } {
  const style = getComputedStyle(room);
  return { background: style.backgroundColor, foreground: style.color, cursor: style.color };
}

/** Takes the part of the page over. */
export function start(island: HTMLElement, settings: IslandSettings): void {
  const form = island.querySelector<HTMLFormElement>("form");
  const room = island.querySelector<HTMLElement>(".terminal-room");
  const state = island.querySelector<HTMLElement>(".terminal-state");
  if (form === null || room === null || state === null) return;
  const terminal = new Terminal({
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
    fontSize: 13,
    scrollback: 5_000,
    theme: colours(room),
    screenReaderMode: settings["screenReader"] === true,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(room);
  terminal.textarea?.setAttribute("aria-label", "Terminal input");
  fit.fit();
  form.hidden = false;

  let socket: WebSocket | null = null;
  let over = false;
  let waiting = 0;
  let pinging = 0;

  const say = (text: string, tone: "" | "busy" | "bad") => {
    state.textContent = text;
    state.className = `terminal-state ${tone}`;
  };
  const field = (name: string) => {
    const found = form.elements.namedItem(name);
    return found instanceof HTMLInputElement || found instanceof HTMLSelectElement
      ? found.value
      : "";
  };
  /** Words of a command, with quotes as a shell has them. */
  const words = (text: string) =>
    [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map((match) =>
      match[1]?.replace(/\\(.)/g, "$1") ?? match[2] ?? match[3] ?? ""
    );

  /** It stands on the screen too: what was typed last goes nowhere. */
  function lose(): void {
    clearInterval(pinging);
    const left = socket;
    socket = null;
    left?.close();
    if (over) return;
    over = true;
    say("the connection was lost, and the command with it: connect anew", "bad");
    terminal.write("\r\n\x1b[7m the connection was lost; Enter connects anew \x1b[0m\r\n");
    // Where the login ended, the page leads there, and back.
    fetch("/api/v1/me", { headers: { "x-skerry-unattended": "terminal" } })
      .then(({ status }) => status === 401 ? location.reload() : undefined, () => undefined);
  }

  function connect(): void {
    clearInterval(pinging);
    socket?.close();
    over = false;
    waiting = 0;
    terminal.reset();
    fit.fit();
    const own = field("where") === "run";
    const path = String(settings[own ? "runPath" : "execPath"] ?? "");
    const url = new URL(path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const opened = new WebSocket(url);
    socket = opened;
    opened.binaryType = "arraybuffer";
    say("connecting…", "busy");
    let answered = true;
    pinging = setInterval(() => {
      if (socket !== opened) return;
      if (!answered || opened.readyState !== WebSocket.OPEN) return lose();
      answered = false;
      opened.send(JSON.stringify({ type: "ping" }));
    }, PING_MS);
    opened.addEventListener("open", () => {
      const custom = field("command").trim();
      const slot = Number(field("slot"));
      opened.send(JSON.stringify({
        type: "start",
        command: custom === "" ? [field("shell")] : words(custom),
        env: ["TERM=xterm-256color"],
        tty: true,
        stdin: true,
        size: { rows: terminal.rows, columns: terminal.cols },
        ...(own ? { noDeps: true } : slot > 0 ? { slot } : {}),
      }));
      say("connected", "");
      terminal.focus();
    });
    opened.addEventListener("message", ({ data }) => {
      if (socket !== opened) return;
      answered = true;
      if (data instanceof ArrayBuffer) {
        const output = outputOf(data);
        if (output === null) return;
        waiting += output.length;
        if (waiting > MAX_WAITING) say("a lot of output…", "busy");
        terminal.write(output, () => {
          waiting -= output.length;
          if (waiting === 0 && !over) say("connected", "");
        });
        return;
      }
      const word = serverWord(String(data));
      if (word === null || word.type === "pong") return;
      over = true;
      if (word.type === "exit") {
        say(`ended with exit code ${word.code}`, word.code === 0 ? "" : "bad");
      } else say(word.detail, "bad");
    });
    opened.addEventListener("close", () => {
      if (socket === opened) lose();
    });
  }

  terminal.onData((text) => {
    if (socket === null && text === "\r") return connect();
    if (socket?.readyState !== WebSocket.OPEN) return;
    for (const frame of stdinFrames(text)) socket.send(frame);
  });
  terminal.onResize(({ rows, cols }) => {
    if (socket?.readyState !== WebSocket.OPEN) return;
    socket.send(JSON.stringify({ type: "resize", rows, columns: cols }));
  });
  // Copies what is marked; with nothing marked, Ctrl+C is the command's.
  terminal.attachCustomKeyEventHandler((event) => {
    const copies = event.ctrlKey && event.key.toLowerCase() === "c" && terminal.hasSelection() ||
      event.ctrlKey && event.key === "Insert";
    if (!copies || event.type !== "keydown") return true;
    navigator.clipboard.writeText(terminal.getSelection()).catch(() => undefined);
    terminal.clearSelection();
    return false;
  });
  let resizing = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(resizing);
    resizing = requestAnimationFrame(() => fit.fit());
  }).observe(room);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => terminal.options.theme = colours(room));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    connect();
  });
  addEventListener("offline", () => socket === null ? undefined : lose());
  addEventListener("pagehide", () => {
    over = true;
    lose();
  });
  connect();
}
