/** Which methods a path takes: for OPTIONS, and for those who use another one. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { Endpoint } from "../../shared/api/endpoint.ts";
import { SkerryError } from "../../shared/errors.ts";
import { problemOf, problemResponse } from "./route.ts";

interface Known {
  readonly pattern: RegExp;
  readonly described: Endpoint;
}

const OPENAPI = /^\/api\/v1\/openapi\.json$/;

function known(): Known[] {
  return Object.values(ENDPOINTS).map((described) => ({
    pattern: new RegExp(
      `^${described.path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`,
    ),
    described,
  }));
}

/** Can it be asked by HEAD? What goes on and on cannot. */
export function answersHead({ method, answer }: Endpoint): boolean {
  return method === "GET" && "json" in answer;
}

/** Answers requests that no operation takes. */
export function createMethods(): (method: string, path: string) => Response {
  let table: readonly Known[] | null = null;
  const methodsOf = (path: string): string[] => {
    if (OPENAPI.test(path)) return ["GET", "HEAD"];
    table ??= known();
    const found = table.filter(({ pattern }) => pattern.test(path)).map(({ described }) =>
      described
    );
    return [
      ...new Set(found.flatMap((each) => answersHead(each) ? ["GET", "HEAD"] : [each.method])),
    ];
  };
  return (method, path) => {
    const methods = methodsOf(path);
    if (methods.length === 0) {
      return problemResponse(problemOf(
        new SkerryError(
          "not_found",
          `there is no ${method} ${path}`,
          "See /api/v1/openapi.json for what there is.",
        ),
      ));
    }
    const allow = [...methods, "OPTIONS"].join(", ");
    if (method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
    const refused = problemResponse(problemOf(
      new SkerryError("method_not_allowed", `${path} takes no ${method}`, `It takes ${allow}.`),
    ));
    refused.headers.set("allow", allow);
    return refused;
  };
}
