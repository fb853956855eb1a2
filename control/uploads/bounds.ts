/** What an upload may be at most. A compose folder is small; data belong into volumes. */
export interface UploadBounds {
  /** Of the request as it comes. */
  readonly bodyBytes: number;
  /** Of all files together, unpacked. */
  readonly totalBytes: number;
  readonly fileBytes: number;
  readonly files: number;
  readonly pathBytes: number;
  readonly depth: number;
  /** Unpacked bytes for each packed byte of a zip, beyond {@link ratioFloorBytes}. */
  readonly ratio: number;
  readonly ratioFloorBytes: number;
}

export const UPLOAD_BOUNDS: UploadBounds = {
  bodyBytes: 64 << 20,
  totalBytes: 128 << 20,
  fileBytes: 32 << 20,
  files: 2000,
  pathBytes: 1024,
  depth: 24,
  ratio: 100,
  ratioFloorBytes: 8 << 20,
};

/** A file that is pasted is read as this one. */
export const PASTED_NAME = "compose.yaml";
