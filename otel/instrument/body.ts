import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import { withStream } from "./effect/responses.ts"
import type { ExchangeRecord } from "./records/record.ts"
import type { LifetimeRegistry } from "./records/registry.ts"
import { observeStream } from "./traced/stream.ts"

/** What a body is called that has no name of its own. */
const bodyName = "body"

/**
 * The same response, with the run of its body recorded where that is a stream. A traced stream that the
 * body begins with is recorded in its place, under its own name.
 */
export const observeBody = (
  registry: LifetimeRegistry,
  exchange: ExchangeRecord,
  response: HttpServerResponse.HttpServerResponse,
): HttpServerResponse.HttpServerResponse =>
  withStream(response, (stream) => observeStream(registry, bodyName, stream, exchange))
