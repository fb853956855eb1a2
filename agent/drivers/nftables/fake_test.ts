import { createFakeNftables } from "./fake.ts";
import { nftablesContract } from "./nftables_contract.ts";

nftablesContract("fake", async () => ({ nftables: createFakeNftables(), close: async () => {} }));
