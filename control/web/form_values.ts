/** What a form brought, within limits. */
import { SkerryError } from "../../shared/errors.ts";
import { readBytes } from "../api/route.ts";

const FIELD_CHARACTERS = 1_000_000;

/** The fields of a form that was sent. */
export interface FormValues {
  /** "" where it was not sent or is a file; line ends are `\n`. */
  text(name: string): string;
  /** All values of a name. */
  texts(name: string): readonly string[];
  /** Names of all fields, each once. */
  names(): readonly string[];
  /** Files of a name that hold something. */
  files(name: string): readonly File[];
  /** All texts, to fill the form in again; passwords are not among them. */
  all(): Readonly<Record<string, string>>;
}

/** Of a form that is read by whoever takes it. */
export const NO_VALUES: FormValues = {
  text: () => "",
  texts: () => [],
  names: () => [],
  files: () => [],
  all: () => ({}),
};

function plain(value: FormDataEntryValue): string {
  return typeof value === "string" ? value.replaceAll(/\r\n?/g, "\n") : "";
}

/** Errors: `bad_request`, `too_large`. */
export async function readForm(request: Request, limitBytes: number): Promise<FormValues> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type)) {
    await request.body?.cancel();
    throw new SkerryError(
      "bad_request",
      `the body's type is "${type.slice(0, 80)}", not that of a form`,
      "Send the form from its page.",
    );
  }
  const bytes = await readBytes(request, limitBytes);
  let data: FormData;
  try {
    data = await new Response(bytes, { headers: { "content-type": type } }).formData();
  } catch {
    throw new SkerryError("bad_request", "the form cannot be read", "Send it from its page again.");
  }
  for (const [name, value] of data) {
    if (typeof value === "string" && value.length > FIELD_CHARACTERS) {
      throw new SkerryError(
        "too_large",
        `the field "${name.slice(0, 80)}" holds more than ${FIELD_CHARACTERS} characters`,
        "Send less, or use the command line.",
      );
    }
  }
  return {
    text: (name) => plain(data.get(name) ?? ""),
    texts: (name) => data.getAll(name).map(plain),
    names: () => [...new Set(data.keys())],
    files: (name) =>
      data.getAll(name).filter((each) => each instanceof File && each.size > 0)
        .flatMap((each) => each instanceof File ? [each] : []),
    all: () =>
      Object.fromEntries(
        [...data].flatMap(([name, value]) =>
          typeof value === "string" && !/password|secret|token|totp|code/i.test(name)
            ? [[name, plain(value)]]
            : []
        ),
      ),
  };
}
