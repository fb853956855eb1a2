/** The compose reader: files in, model or problems out. Pure. */
export * from "./model.ts";
export { durationMs } from "./duration.ts";
export { formatProblem, type Place, type Problem } from "./problem.ts";
export {
  type FileText,
  readCompose,
  type ReadFile,
  type ReadInput,
  type ReadResult,
} from "./read.ts";
export { renderConfig } from "./render.ts";
export { MAX_FILE_BYTES } from "./file_text.ts";
