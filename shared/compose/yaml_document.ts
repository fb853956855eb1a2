/** The first document of a YAML text, with what is wrong in the text. */
import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from "yaml";

/** What is open at a time, far beyond what any file means; the time to read more grows with its square. */
const MAX_OPEN = 256;

export interface YamlError {
  /** Of the package `yaml`, MULTIPLE_DOCS, or TOO_DEEP: it is read no further then. */
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
  const deep: YamlError[] = [];
  for (
    const token of tokensOf(text, lines, (offset) => {
      deep.push({ code: "TOO_DEEP", message: "", offset });
    })
  ) {
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
  return { document, errors: deep.length > 0 ? deep : errors, lines };
}

/** Looks at the depth with each word, so that what is nested too deep costs no more than its first part. */
function* tokensOf(
  text: string,
  lines: LineCounter,
  tooDeep: (offset: number) => void,
): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_OPEN) return tooDeep(parser.offset);
  }
  yield* parser.end();
}
