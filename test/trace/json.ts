import * as Effect from "effect/Effect"
import type { Span } from "../../otel/lifetimes/span.ts"
import { encodeJson } from "../../src/otlp/encode.ts"
import { decodeJson } from "../../src/otlp/export-request.ts"

/** The spans as they are read from a file into which a collector has written them. */
export const throughJson = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> =>
  Effect.runSync(decodeJson(encodeJson(spans))).spans
