import type * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schema from "effect/Schema"

/** What was wrong with a request, and where: the body of every answer that is an error. */
export const Problem = Schema.Struct({
  error: Schema.String,
  message: Schema.String,
  /** Where in the body, as a path of keys. */
  issues: Schema.optionalKey(
    Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String })),
  ),
}).annotate({ identifier: "Problem" })

export type Problem = typeof Problem.Type

export const problemResponse = (
  status: number,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe(problem, { status, headers })

/** Answers what no route answered: an unknown path, or a known one with a method it does not have. */
export const notRouted = (
  error: HttpServerError.RouteNotFound,
  methodsByPath: ReadonlyMap<string, ReadonlyArray<string>>,
): HttpServerResponse.HttpServerResponse => {
  const { method, url } = error.request
  const path = url.split(/[?#]/, 1)[0] ?? "/"
  const allowed = methodsByPath.get(path)
  if (allowed === undefined) {
    return problemResponse(404, { error: "not_found", message: `There is no ${path} here.` })
  }
  const allow = allowed.join(", ")
  const message = `${path} does not answer ${method}; it answers ${allow}.`
  return problemResponse(405, { error: "method_not_allowed", message }, { allow })
}
