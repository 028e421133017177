import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import { withStream } from "./effect/responses.ts"
import type { ExchangeRecord } from "./records/record.ts"
import type { LifetimeRegistry } from "./records/registry.ts"
import { observeStream } from "./traced/stream.ts"

/** The name of a body that has none. */
const bodyName = "body"

/**
 * The same response, with the run of its body recorded if it is a stream. If the body begins with a traced
 * stream, that stream is recorded instead, under its name.
 */
export const observeBody = (
  registry: LifetimeRegistry,
  exchange: ExchangeRecord,
  response: HttpServerResponse.HttpServerResponse,
): HttpServerResponse.HttpServerResponse =>
  withStream(response, (stream) => observeStream(registry, bodyName, stream, exchange))
