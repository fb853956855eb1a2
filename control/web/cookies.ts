/** The two cookies of pages that say nothing of who somebody is: colours, and a word told once. */
import { z } from "zod";
import { type FlashMessage, type Theme, THEMES } from "../../ui/layout/document.tsx";

const FLASH = "skerry_flash";
const THEME = "skerry_theme";
const FLASH_SECONDS = 60;
const THEME_SECONDS = 31_536_000;
const FLASH_CHARACTERS = 500;

const Flash = z.strictObject({
  kind: z.enum(["done", "failed"]),
  text: z.string().max(FLASH_CHARACTERS),
});

function cookieOf(request: Request, name: string): string | null {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/** What the reader chose. */
export function themeOf(request: Request): Theme {
  const chosen = cookieOf(request, THEME);
  return THEMES.find((each) => each === chosen) ?? "auto";
}

/** Remembers the choice for a year. */
export function themeCookie(theme: string): string {
  const known = THEMES.find((each) => each === theme) ?? "auto";
  return `${THEME}=${known}; Path=/; Max-Age=${THEME_SECONDS}; SameSite=Strict`;
}

/** What was done by the request before this one. */
export function flashOf(request: Request): FlashMessage | null {
  const text = cookieOf(request, FLASH);
  if (text === null) return null;
  try {
    return Flash.parse(JSON.parse(decodeURIComponent(text)));
  } catch {
    return null;
  }
}

/** A word for the next page; null: none any more. */
export function flashCookie(message: FlashMessage | null): string {
  if (message === null) return `${FLASH}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`;
  const text = JSON.stringify({ ...message, text: message.text.slice(0, FLASH_CHARACTERS) });
  return `${FLASH}=${
    encodeURIComponent(text)
  }; Path=/; Max-Age=${FLASH_SECONDS}; HttpOnly; SameSite=Strict`;
}
