/** Every file that pages load, carried by the program. Nothing comes from elsewhere. */
import icon from "./icon.svg" with { type: "text" };
import base from "./base.css" with { type: "text" };
import components from "./components.css" with { type: "text" };
import forms from "./forms.css" with { type: "text" };
import tokens from "./tokens.css" with { type: "text" };
import docs from "./docs.css" with { type: "text" };
import acting from "./acting.css" with { type: "text" };
import plotStyle from "./plots.css" with { type: "text" };
import logStyle from "./logs.css" with { type: "text" };
import ansi from "../client/ansi.ts" with { type: "text" };
import execFrames from "../client/exec_frames.ts" with { type: "text" };
import logLines from "../client/log_lines.ts" with { type: "text" };
import logMemory from "../client/log_memory.ts" with { type: "text" };
import logStream from "../client/log_stream.ts" with { type: "text" };
import logs from "../client/logs.ts" with { type: "text" };
import plot from "../client/plot.ts" with { type: "text" };
import plotLines from "../client/plot_lines.ts" with { type: "text" };
import silence from "../client/silence.ts" with { type: "text" };
import terminal from "../client/terminal.ts" with { type: "text" };
import upload from "../client/upload.ts" with { type: "text" };
import addonFit from "@xterm/addon-fit/lib/addon-fit.mjs" with { type: "text" };
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import xtermStyle from "@xterm/xterm/css/xterm.css" with { type: "text" };
import xterm from "@xterm/xterm/lib/xterm.mjs" with { type: "text" };
import copy from "../client/copy.ts" with { type: "text" };
import islands from "../client/islands.ts" with { type: "text" };
import live from "../client/live.ts" with { type: "text" };
import page from "../client/page.ts" with { type: "text" };
import theme from "../client/theme.ts" with { type: "text" };
import times from "../client/times.ts" with { type: "text" };
import idiomorph from "idiomorph/dist/idiomorph.min.js" with { type: "text" };

/**
 * Modules as one, each after those that it imports: what every page needs is one file, so that
 * nothing waits for what a file says that it needs too. No two of them use a name twice.
 */
export function joined(texts: readonly string[]): string {
  return texts.map((text) =>
    text.replaceAll(/^import [^;]+;\n/gm, "").replaceAll(/^export (?=[a-z]+ \w+)/gm, "")
  ).join("\n");
}

/** `client`: TypeScript, whose types are taken out before it is sent. */
export interface AssetSource {
  readonly kind: "client" | "script" | "style" | "image";
  readonly text: string;
}

/** By name. Client modules import each other as `./NAME.ts`, and packages by the name in {@link PACKAGES}. */
export const ASSETS: Readonly<Record<string, AssetSource>> = {
  "icon.svg": { kind: "image", text: icon },
  "skerry.css": {
    kind: "style",
    text: [tokens, base, components, forms, acting, docs, logStyle, uplotStyle, plotStyle].join(
      "\n",
    ),
  },
  // Empty: scripts that stand in the way wait for the style sheets before them.
  "styled.js": { kind: "script", text: "0;\n" },
  "page.ts": {
    kind: "client",
    text: joined([idiomorph, islands, times, theme, copy, live, page]),
  },
  "ansi.ts": { kind: "client", text: ansi },
  "exec_frames.ts": { kind: "client", text: execFrames },
  "log_lines.ts": { kind: "client", text: logLines },
  "log_memory.ts": { kind: "client", text: logMemory },
  "silence.ts": { kind: "client", text: silence },
  "log_stream.ts": { kind: "client", text: logStream },
  "logs.ts": { kind: "client", text: logs },
  "plot.ts": { kind: "client", text: plot },
  "plot_lines.ts": { kind: "client", text: plotLines },
  "uplot.js": { kind: "script", text: `${uplot}\nexport default uPlot;\n` },
  "terminal.ts": { kind: "client", text: terminal },
  "upload.ts": { kind: "client", text: upload },
  "addon-fit.js": { kind: "script", text: addonFit },
  "xterm.css": { kind: "style", text: xtermStyle },
  "xterm.js": { kind: "script", text: xterm },
};

/** What client modules import by a package's name, and the asset that it is. */
export const PACKAGES: Readonly<Record<string, string>> = {
  uplot: "uplot.js",
  "@xterm/addon-fit": "addon-fit.js",
  "@xterm/xterm": "xterm.js",
};
