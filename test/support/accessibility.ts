import axe from "axe-core"
import { Effect, Schema } from "effect"
import type { Page } from "playwright-core"

const Violations = Schema.Array(
  Schema.Struct({ id: Schema.String, nodes: Schema.Array(Schema.String) }),
)

/** All that axe-core says of a page is several times the page: only what is told leaves the browser. */
const run = `axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })),
)`

/** What axe-core finds on a page, of any impact, with the markup that it is about. */
export const violations = Effect.fnUntraced(function* (page: Page) {
  const isThere = yield* Effect.promise(() => page.evaluate(`"axe" in window`))
  if (isThere !== true) yield* Effect.promise(() => page.evaluate(axe.source))
  return Schema.decodeUnknownSync(Violations)(yield* Effect.promise(() => page.evaluate(run)))
})
