/** A run that makes a lab with a running program, says its tag, and never ends by itself. */
import { createLab } from "./lab.ts";

const lab = await createLab({
  hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
});
lab.host("box").spawn(["setsid", "sleep", "10000"]);
await Deno.stdout.write(new TextEncoder().encode(`${lab.tag}\n`));
await new Promise((resolve) => setTimeout(resolve, 600_000));
