/** What a page is: an address, what it asks the API for, and what it shows of that. */
import type { ApiClient, Transport } from "../../shared/api/client.ts";
import type { FlashMessage } from "../../ui/layout/document.tsx";
import type { Child } from "../../ui/markup.ts";
import type { Viewer } from "../../ui/viewer.ts";
import type { Caller } from "../authz/caller.ts";
import type { ControlSettings } from "../context.ts";
import type { HeldUploads } from "../uploads/held_uploads.ts";
import type { SealedTexts } from "./sealed_text.ts";
import type { FormValues } from "./form_values.ts";

/** What a page is given. Everything that it shows comes through `api`. */
export interface PageAsked {
  /** The API, with the rights of who asks. */
  readonly api: ApiClient;
  /** The same, for what the client has no words for; needs absolute addresses of API_ORIGIN. */
  readonly send: Transport;
  readonly viewer: Viewer;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Path and query. */
  readonly address: string;
  readonly now: number;
  readonly settings: ControlSettings;
  /** Files that were sent and wait for a word. */
  readonly uploads: HeldUploads;
  /** What a form may carry to its next step, unread. */
  readonly sealed: SealedTexts;
}

export interface PageShown {
  readonly title: string;
  readonly main: Child;
  /** 200 where it is absent. */
  readonly status?: number;
  /** When what was refused may be tried again. */
  readonly retryAfterSeconds?: number;
  /** False: it is not rendered again while it is open. */
  readonly live?: boolean;
  /** Names of assets beside those of every page. */
  readonly scripts?: readonly string[];
  readonly styles?: readonly string[];
  /** Without navigation. */
  readonly bare?: boolean;
  /** Of the terminal alone. */
  readonly inlineStyles?: boolean;
}

export interface Page {
  /** With `:name` parameters. */
  readonly path: string;
  /** It is for those, too, who are not logged in. */
  readonly open?: true;
  /**
   * Its title. What stands around it is sent while it is being made, so that a browser has scripts
   * and styles by then; it is answered 200 whatever comes, and loads nothing of its own.
   */
  readonly early?: string;
  readonly show: (asked: PageAsked) => Promise<PageShown>;
}

export interface FormAsked extends PageAsked {
  readonly form: FormValues;
  readonly request: Request;
}

/** What follows a form: another page with a word about what was done, or the page again with faults. */
export type FormDone =
  | {
    readonly redirect: string;
    readonly flash?: FlashMessage;
    /** `Set-Cookie` of a login, say. */
    readonly headers?: Headers;
  }
  | PageShown;

export interface FormRoute {
  /** With `:name` parameters; forms are sent by POST. */
  readonly path: string;
  readonly open?: true;
  /** It reads the body itself; `form` is empty. */
  readonly raw?: true;
  /** Of the whole body; absent: 1 MiB. */
  readonly limitBytes?: number;
  readonly submit: (asked: FormAsked) => Promise<FormDone>;
}
