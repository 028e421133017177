import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { ComparedVariant } from "../../comparison/comparison.ts"
import { sendSpans } from "../../otlp/send.ts"
import { awaitTrace, fetchServices } from "../../recordings/jaeger/client.ts"
import { jaegerLines, rulesOf } from "../terminal/jaeger-lines.ts"
import type { CompareWords } from "./flags.ts"

/** Jaeger took the spans a moment ago. What is silent for this long is not Jaeger. */
const patience = "5 seconds"

/** How long the traces may take to arrive by default. */
const defaultWait = 60_000

/** Sends the traces of the variants, waits until Jaeger has them, and links to them. */
export const showInJaeger = Effect.fnUntraced(function* (
  otlp: string,
  {
    jaeger,
    jaegerPublic,
    wait,
    json,
  }: Pick<CompareWords, "jaeger" | "jaegerPublic" | "wait" | "json">,
  compared: ReadonlyArray<ComparedVariant>,
) {
  const address = Option.getOrElse(jaeger, () => defaultJaeger(otlp))
  yield* sendSpans(
    otlp,
    compared.flatMap(({ spans }) => spans),
  )
  if (yield* isThere(address)) {
    if (!json) yield* Console.log(`\nWaiting for the traces in Jaeger at ${address} ...`)
    const within = Option.getOrElse(wait, () => defaultWait)
    const arrive = ({ traceId, spans }: ComparedVariant) =>
      awaitTrace(address, traceId, (arrived) => arrived.length >= spans.length, within)
    yield* Effect.forEach(compared, arrive, { concurrency: "unbounded", discard: true })
  }
  if (json) return
  const ui = Option.getOrElse(jaegerPublic, () => address)
  const shown = compared.map(({ variant, traceId }) => ({ title: variant, traceId }))
  yield* Console.log(["", ...jaegerLines(ui, shown, rulesOf(compared))].join("\n"))
})

/** Spans may go to other programs than Jaeger, which take them but cannot be asked for them. */
const isThere = (address: string) =>
  fetchServices(address).pipe(
    Effect.retry({
      schedule: Schedule.spaced("500 millis").pipe(Schedule.upTo({ duration: patience })),
      while: ({ _tag }) => _tag === "JaegerUnreachable",
    }),
    Effect.as(true),
    Effect.catch(({ message }) =>
      Effect.as(
        Console.error(`${message}. The traces were sent; whether they can be seen is not known.`),
        false,
      ),
    ),
  )

const defaultJaeger = (otlp: string): string => {
  const url = new URL(otlp)
  return `${url.protocol}//${url.hostname}:16686`
}
