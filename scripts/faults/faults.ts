/** All faults, in the order of the table. */
import { clockFault } from "./clock_fault.ts";
import { diskFault } from "./disk_fault.ts";
import type { Fault } from "./fault.ts";
import { hostileFault } from "./hostile_fault.ts";
import { powerFault } from "./power_fault.ts";
import { processesFault } from "./processes_fault.ts";
import { stepsFault } from "./steps_fault.ts";
import { storageFault } from "./storage_fault.ts";

export const FAULTS: readonly Fault[] = [
  powerFault,
  diskFault,
  storageFault,
  stepsFault,
  processesFault,
  hostileFault,
  clockFault,
];
