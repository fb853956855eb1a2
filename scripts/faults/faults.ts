/** All faults, in the order of the table. */
import type { Fault } from "./fault.ts";
import { powerFault } from "./power_fault.ts";
import { storageFault } from "./storage_fault.ts";

export const FAULTS: readonly Fault[] = [powerFault, storageFault];
