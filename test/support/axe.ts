import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { Effect, Schema } from "effect"
import type { Page } from "playwright-core"

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

const Violations = Schema.Array(
  Schema.Struct({
    id: Schema.String,
    impact: Schema.NullOr(Schema.String),
    nodes: Schema.Array(Schema.Struct({ html: Schema.String, failureSummary: Schema.String })),
  }),
)

/** What axe-core finds of the impacts serious and critical on the page, as it is now. */
export const seriousProblems = (page: Page) =>
  Effect.gen(function* () {
    // Not by a script element: the page's own policy lets none run but its own.
    yield* Effect.promise(() => page.evaluate(axe))
    const found = yield* Effect.promise(() =>
      page.evaluate("axe.run().then(({ violations }) => violations)"),
    )
    const violations = yield* Schema.decodeUnknownEffect(Violations)(found)
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
  })
