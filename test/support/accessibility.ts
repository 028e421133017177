import axe from "axe-core"
import { Effect, Schema } from "effect"
import type { Page } from "playwright-core"

const Results = Schema.Struct({
  violations: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      nodes: Schema.Array(Schema.Struct({ html: Schema.String })),
    }),
  ),
})

/** What axe-core finds on a page, of any impact, with the markup that it is about. */
export const violations = Effect.fnUntraced(function* (page: Page) {
  yield* Effect.promise(() => page.evaluate(axe.source))
  const results = yield* Effect.promise(() => page.evaluate("axe.run()"))
  return Schema.decodeUnknownSync(Results)(results).violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html }) => html),
  }))
})
