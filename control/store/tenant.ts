/** The one tenant there is for now; its id stands on project, node and key from the first schema. */
export const TENANT = "main";
