/** One variant of a scenario without the Layer, for `otel/register.js` to see. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Lifetimes } from "../../otel/index.ts"
import { nameOf, scenarios } from "../../src/scenarios/catalogue.ts"
import { variantNames } from "../../src/scenarios/scenario.ts"
import { Collector } from "../../src/scenarios/stage.ts"

const [, , name, asked] = process.argv
const scenario = scenarios.find((one) => nameOf(one) === name)
const variant = variantNames.find((one) => one === asked)
if (scenario === undefined || variant === undefined) throw new Error(`no ${asked} ${name}`)

/** What register gives to everyone. */
const lifetimes = Option.getOrThrow(Context.getOption(Context.empty(), Lifetimes))

await Effect.scoped(scenario[variant]).pipe(
  Effect.provideService(Collector, process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? ""),
  Effect.provideService(Lifetimes, lifetimes),
  Effect.runPromise,
)
