import { bridgeContract } from "./bridge_contract.ts";
import { createFakeBridge } from "./fake.ts";

bridgeContract("fake", async () => ({ bridge: createFakeBridge(), close: async () => {} }));
