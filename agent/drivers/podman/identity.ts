/** Whose a container is: by its labels, else by its name. Pure. */

export const DEPLOYMENT_LABEL = "skerry.deployment.id";
export const SPEC_HASH_LABEL = "skerry.spec.hash";
/** The driver's own: the address that the container was given, known also while it is stopped. */
export const ADDRESS_LABEL = "skerry.container.address";

type Labels = Readonly<Record<string, string>>;

/** Is what is there what would be created? Equal deployment and equal hash. */
export function sameContainer(there: Labels, wanted: Labels): boolean {
  return there[DEPLOYMENT_LABEL] === wanted[DEPLOYMENT_LABEL] &&
    there[SPEC_HASH_LABEL] === wanted[SPEC_HASH_LABEL];
}

/** The words for a name that another container has. */
export function missingMark(id: string): string {
  return `the container ${id.slice(0, 12)} has that name and is of another deployment or revision`;
}

/** Ours by label, or by the prefix of its name. */
export function isOurs(name: string, labels: Labels, namePrefix: string): boolean {
  return labels[DEPLOYMENT_LABEL] !== undefined || name === namePrefix ||
    name.startsWith(`${namePrefix}-`);
}

/** All labels that a container is created with. */
export function labelsOf(create: {
  readonly labels: Labels;
  readonly spec: { readonly labels: Labels };
  readonly network: { readonly address: string } | null;
}): Record<string, string> {
  return {
    ...create.spec.labels,
    ...create.labels,
    ...(create.network === null ? {} : { [ADDRESS_LABEL]: create.network.address }),
  };
}
