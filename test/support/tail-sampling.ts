import { readFileSync } from "node:fs"
import * as Schema from "effect/Schema"
import { parse } from "yaml"
import type { Span } from "../../otel/lifetimes/span.ts"

const ByText = Schema.Struct({ key: Schema.String, values: Schema.Array(Schema.String) })

const Config = Schema.Struct({
  processors: Schema.Struct({
    tail_sampling: Schema.Struct({
      policies: Schema.Array(Schema.Struct({ string_attribute: Schema.optional(ByText) })),
    }),
  }),
})

const config = new URL("../../otel/config/collector.yaml", import.meta.url)
const { tail_sampling } = Schema.decodeUnknownSync(Config)(
  parse(readFileSync(config, "utf8")),
).processors
const policies = tail_sampling.policies.flatMap(({ string_attribute }) => string_attribute ?? [])

/** The traces that the Collector of the stack keeps by what stands in an attribute, as its filter does. */
export const tracesKept = (spans: ReadonlyArray<Span>): ReadonlySet<string> =>
  new Set(
    spans
      .filter(({ attributes, resource }) =>
        policies.some(({ key, values }) =>
          values.some((value) =>
            [attributes[key], resource[key]].some(
              (text) => typeof text === "string" && new RegExp(value).test(text),
            ),
          ),
        ),
      )
      .map(({ traceId }) => traceId),
  )
