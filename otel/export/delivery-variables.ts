import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { warn } from "../instrument/warn.ts"
import type { Protocol } from "./delivery/protocol.ts"
import { variable } from "./variable.ts"

/** How spans are delivered, as far as the environment says so. */
export const deliveryFromEnvironment = Effect.gen(function* () {
  return given({
    protocol: yield* protocol,
    batchDelay: yield* number("OTEL_BSP_SCHEDULE_DELAY", 0),
    batchSpans: yield* number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
    queueSpans: yield* number("OTEL_BSP_MAX_QUEUE_SIZE"),
    queueBytes: yield* number("SCOPELINE_QUEUE_BYTES"),
    drainTimeout: yield* number("OTEL_BSP_EXPORT_TIMEOUT", 0),
  })
})

type Given<A> = { readonly [K in keyof A]?: Exclude<A[K], undefined> }

const given = <A extends object>(settings: A): Given<A> => {
  const result: { -readonly [K in keyof A]?: Exclude<A[K], undefined> } = {}
  for (const key in settings) {
    const value = settings[key]
    if (isGiven(value)) result[key] = value
  }
  return result
}

const isGiven = <A>(value: A): value is Exclude<A, undefined> => value !== undefined

/** What the SDK does with an invalid number: it warns, and uses its default. */
const number = Effect.fnUntraced(function* (name: string, atLeast = 1) {
  const text = yield* variable(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= atLeast) return value
  warn(`${name}=${JSON.stringify(text)} is no whole number from ${atLeast}: the default is used.`, {
    console: yield* Console.Console,
  })
  return undefined
})

const protocols: ReadonlyArray<Protocol> = ["http/json", "http/protobuf"]

const variables = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]

/** Programs inherit variables that were meant for others: an unknown value is only a warning. */
const protocol = Effect.gen(function* () {
  for (const name of variables) {
    const value = yield* variable(name)
    if (value === undefined) continue
    const known = protocols.find((one) => one === value)
    if (known !== undefined) return known
    const missing =
      value === "grpc" ? "Scopeline has no gRPC exporter" : "Scopeline does not know it"
    warn(
      `${name}=${JSON.stringify(value)}: ${missing}. Spans go over HTTP, as http/protobuf: ` +
        "OTEL_EXPORTER_OTLP_ENDPOINT must name the collector's port for HTTP, usually 4318.",
      { console: yield* Console.Console },
    )
    return "http/protobuf"
  }
  return undefined
})
