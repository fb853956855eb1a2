/** One run of each sort on one box, for before every change that is handed on. */
import type { LabProcess } from "../e2e/lab/process.ts";
import { KIND } from "./census.ts";
import { createHomeDisk, type HomeDisk } from "./disk.ts";
import { DATABASE_FSYNC, underFault } from "./disk_fault.ts";
import type { Fault } from "./fault.ts";
import { createPlant } from "./plant.ts";
import { cutPower } from "./power.ts";
import { killSteady, settled } from "./processes_fault.ts";
import type { Programs } from "./programs.ts";
import { afterDamage, CONTAINER_LAYER } from "./storage_fault.ts";

const KILLED = [KIND.up, KIND.podman, KIND.traefik, KIND.conmon];

export const shortFault: Fault = {
  name: "short",
  about: "one run of each sort",
  runs: 1,
  async run(trial) {
    let made: HomeDisk | undefined;
    const plant = await createPlant({
      before: async ({ host, layout }) => {
        made = await createHomeDisk(host, layout.home);
      },
    });
    const { lab, box } = plant;
    try {
      let up: LabProcess = await box.start();
      const boot = async () => {
        up = await box.start();
      };
      const programs: Programs = {
        get: () => up,
        runAs: () => Promise.resolve(),
        async again() {
          await up.status;
          await boot();
        },
      };
      await plant.prepare();
      await plant.check();
      await box.host.must(["sync", "--file-system", box.layout.home]);
      const { made: disk } = { made };
      if (disk === undefined) throw new Error("the home has no disk of its own");

      await trial.one("power cut right after an apply was acknowledged", "once", async () => {
        await plant.writeLine();
        await plant.applyNext();
        await cutPower(lab, box, disk);
        await boot();
        return await plant.check();
      }, box.text);
      const place = { plant, disk, up: () => up, boot };
      const [row, begin] = DATABASE_FSYNC;
      await trial.one(row, "once", () => underFault(place, begin), box.text);
      for (const kind of KILLED) {
        await trial.one(`SIGKILL of ${kind}`, "once", async () => {
          await killSteady(plant, programs, kind, 0);
          return await settled(plant);
        }, box.text);
      }
      await trial.one(
        CONTAINER_LAYER[0],
        "once",
        () => afterDamage(plant, disk, CONTAINER_LAYER),
        box.text,
      );
    } finally {
      await plant.close();
    }
  },
};
