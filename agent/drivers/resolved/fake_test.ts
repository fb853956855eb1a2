import { createFakeResolved } from "./fake.ts";
import { resolvedContract } from "./resolved_contract.ts";

resolvedContract("fake", () => {
  const resolved = createFakeResolved();
  return Promise.resolve({ resolved, ...resolved, close: () => Promise.resolve() });
});
