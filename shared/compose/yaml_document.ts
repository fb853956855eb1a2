/** The first document of a YAML text, with what is wrong in the text. */
import { Composer, type Document, LineCounter, Parser } from "yaml";

export interface YamlError {
  /** Of the package `yaml`, or MULTIPLE_DOCS. */
  readonly code: string;
  readonly message: string;
  readonly offset: number;
}

export interface YamlDocument {
  readonly document: Document.Parsed;
  readonly errors: readonly YamlError[];
  readonly lines: LineCounter;
}

/**
 * What follows a token that stands behind the end of the document follows from it, one error a word:
 * it is neither read nor told.
 */
export function readDocument(text: string): YamlDocument {
  const lines = new LineCounter();
  const composer = new Composer({ uniqueKeys: false, merge: false });
  const documents: Document.Parsed[] = [];
  for (const token of new Parser(lines.addNewLine).parse(text)) {
    documents.push(...composer.next(token));
    if (documents.length > 1) break;
    if (token.type === "error" && token.message.includes(" in YAML stream")) break;
  }
  if (documents.length < 2) documents.push(...composer.end(true, text.length));
  const [document, second] = documents;
  if (document === undefined) throw new Error("the package yaml gave no document");
  const errors: YamlError[] = document.errors.map(({ code, message, pos: [offset] }) => ({
    code,
    message,
    offset,
  }));
  if (second !== undefined) {
    errors.push({ code: "MULTIPLE_DOCS", message: "", offset: second.range[0] });
  }
  return { document, errors, lines };
}
