// Records the bugs of the rules that are named, or of all, and then generates the pages.
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { HOST_PREFIX } from "../otel/attributes.ts"
import type { Span } from "../otel/lifetimes/span.ts"
import { encodeJson } from "../src/otlp/encode.ts"
import { nameOf, scenarios } from "../src/scenarios/catalogue.ts"
import { runScenario } from "../src/scenarios/run.ts"
import type { Scenario } from "../src/scenarios/scenario.ts"
import { recordingFile, writePages } from "./pages.ts"

/** Pages must not say where the checkout was that recorded them. */
const withoutCheckout = (text: string): string =>
  text.replaceAll(`file://${process.cwd()}`, "/app").replaceAll(process.cwd(), "/app")

/** And on which machine. */
const withoutHost = (span: Span): Span => ({
  ...span,
  resource: Object.fromEntries(
    Object.entries(span.resource).filter(([key]) => !key.startsWith(HOST_PREFIX)),
  ),
})

/** An export request for each trace. */
const linesOf = (spans: ReadonlyArray<Span>): string =>
  [...Map.groupBy(spans, ({ traceId }) => traceId).values()]
    .map((trace) => `${withoutCheckout(encodeJson(trace.map(withoutHost)))}\n`)
    .join("")

const record = Effect.fnUntraced(function* (scenario: Scenario) {
  const files = yield* FileSystem.FileSystem
  const { spans, asExpected } = yield* runScenario(scenario, "broken")
  if (!asExpected) {
    return yield* Effect.fail(
      new Error(`${nameOf(scenario)} did not show what it is there to show.`),
    )
  }
  yield* files.writeFileString(recordingFile(scenario.rule), linesOf(spans))
  yield* Console.log(`recorded ${nameOf(scenario)}`)
})

const asked = process.argv.slice(2)
const names = scenarios.map(nameOf)
const unknown = asked.find((name) => !names.includes(name))
if (unknown !== undefined) {
  console.error(`There is no scenario ${unknown}: ${names.join(", ")}.`)
  process.exit(2)
}
const chosen = scenarios.filter((it) => asked.length === 0 || asked.includes(nameOf(it)))
await Effect.forEach(chosen, record).pipe(
  Effect.andThen(writePages),
  Effect.provide(NodeServices.layer),
  Effect.runPromise,
)
