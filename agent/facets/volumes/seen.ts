/** Podman's volumes of this home, by their Podman name. */
export interface VolumesSeen {
  readonly present: ReadonlySet<string>;
}
