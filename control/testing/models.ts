/** Compose models for tests, as the reader makes them. */
import { ComposeModel, type ComposeService } from "../../shared/compose/model.ts";
import type { ReleaseRequest } from "../../shared/api/release.ts";

/** A service with the least that one has. */
export function testService(over: Partial<ComposeService> = {}): ComposeService {
  return {
    image: "docker.io/library/web:1",
    command: null,
    entrypoint: null,
    networks: { default: null },
    ...over,
  };
}

/** A whole model; volumes, networks and secrets that are given are declared. */
export function testModel(
  name: string,
  services: Readonly<Record<string, ComposeService>>,
  over: Partial<ComposeModel> = {},
): ComposeModel {
  return ComposeModel.parse({
    name,
    services,
    networks: { default: { name: `${name}_default` } },
    volumes: {},
    secrets: {},
    configs: {},
    ...over,
  });
}

/** The request that applies a model. */
export function testRequest(
  model: ComposeModel,
  over: Partial<ReleaseRequest> = {},
): ReleaseRequest {
  return {
    parts: { compose: { model, files: {}, builds: {}, sourceFolder: `/srv/${model.name}` } },
    ...over,
  };
}
