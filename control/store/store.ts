/** All tables of the control plane, one module a group. SQL stands in this folder alone. */
import type { Database } from "../../shared/sqlite/database.ts";
import { migrate } from "../../shared/sqlite/migrate.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { type Changes, createChanges } from "./changes.ts";
import { createDeployments, type Deployments } from "./deployments.ts";
import { MIGRATIONS } from "./migrations.ts";
import { createForgetting, type Forgetting } from "./forgetting.ts";
import { createFactors, type Factors } from "./factors.ts";
import { createLogins, type Logins } from "./logins.ts";
import { createNodes, type Nodes } from "./nodes.ts";
import { createObserved, type Observed } from "./observed.ts";
import { createProjects, type Projects } from "./projects.ts";
import { createRegistries, type Registries } from "./registries.ts";
import { createRollouts, type Rollouts } from "./rollouts.ts";
import { createSecrets, type Secrets } from "./secrets.ts";
import { createServices, type Services } from "./services.ts";
import { createSettings, type Settings } from "./settings.ts";
import { createVolumes, type Volumes } from "./volumes.ts";

export interface Store {
  readonly settings: Settings;
  readonly nodes: Nodes;
  readonly projects: Projects;
  readonly services: Services;
  readonly volumes: Volumes;
  readonly deployments: Deployments;
  readonly rollouts: Rollouts;
  readonly secrets: Secrets;
  readonly registries: Registries;
  readonly observed: Observed;
  readonly accounts: Accounts;
  readonly logins: Logins;
  readonly factors: Factors;
  readonly changes: Changes;
  readonly forgetting: Forgetting;
  /** All or nothing. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Brings a database up to date and gives its tables.
 * @param onChange after each transaction
 */
export function createStore(database: Database, onChange: () => void): Store {
  migrate(database, MIGRATIONS);
  return {
    settings: createSettings(database),
    nodes: createNodes(database),
    projects: createProjects(database),
    services: createServices(database),
    volumes: createVolumes(database),
    deployments: createDeployments(database),
    rollouts: createRollouts(database),
    secrets: createSecrets(database),
    registries: createRegistries(database),
    observed: createObserved(database),
    accounts: createAccounts(database),
    logins: createLogins(database),
    factors: createFactors(database),
    changes: createChanges(database),
    forgetting: createForgetting(database),
    transaction(work) {
      const result = database.transaction(work);
      onChange();
      return result;
    },
    close: database.close,
  };
}
