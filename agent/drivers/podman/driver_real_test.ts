import { podmanContract } from "./podman_contract.ts";
import { startRealPodman } from "./real_fixture.ts";

Deno.test("the real Podman keeps the contract", async (t) => {
  const setup = await startRealPodman();
  try {
    for (const { name, run } of podmanContract) {
      await t.step(name, () => run(setup));
    }
  } finally {
    await setup.close();
  }
});
