// A program with a span, that ends: how, and where its settings come from, is said by its arguments.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, ManagedRuntime } from "effect"
import { layerTelemetry, layerTelemetryFromEnvironment } from "../../otel/index.ts"

const [how = "", settings = "", collector = ""] = process.argv.slice(2)

const telemetry =
  settings === "environment"
    ? layerTelemetryFromEnvironment({ serviceName: "ends" })
    : layerTelemetry({
        endpoint: { url: collector, exact: false },
        serviceName: "ends",
        resource: {},
        fromEnvironment: false,
      })

const work = Effect.sync(() => console.log("works")).pipe(Effect.withSpan("work"))

const program = (how === "fails" ? Effect.andThen(work, Effect.die("no good")) : work).pipe(
  Effect.ensuring(Effect.sync(() => console.log("done"))),
  Effect.provide(telemetry),
)

/** More than leaves together, so that a request is on its way, and nothing closes the telemetry. */
const workWithoutEnd = async () => {
  const runtime = ManagedRuntime.make(telemetry)
  for (let spans = 0; spans < 600; spans++) {
    await runtime.runPromise(Effect.void.pipe(Effect.withSpan("work")))
  }
  console.log("done")
}

if (how === "undisposed") await workWithoutEnd()
else if (how === "runPromise") await Effect.runPromise(program)
else NodeRuntime.runMain(program)
