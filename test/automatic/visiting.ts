import { Effect } from "effect"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import type { Finding } from "../../otel/lifetimes/finding.ts"
import { exchangesOf } from "../../otel/lifetimes/from-spans.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { traceOf } from "../../otel/lifetimes/trace.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { eventually } from "../support/eventually.ts"
import type { Ask, Place } from "./places.ts"

/** What a client has received, and what was sent about its exchange. */
export interface Visited {
  readonly text: string
  readonly exchange: Exchange
  readonly findings: ReadonlyArray<Finding>
  readonly spans: ReadonlyArray<Span>
}

type Sent = Omit<Visited, "text">

const sent = Effect.gen(function* () {
  const store = yield* TraceStore
  const traces = yield* Effect.forEach(yield* store.traces, store.trace)
  return traces.flatMap(
    (spans): ReadonlyArray<Sent> =>
      exchangesOf(traceOf(spans)).map((exchange) => {
        return { exchange, findings: diagnose(spans).findings, spans }
      }),
  )
})

/** The request scope of a stream is sent last. */
const isComplete = ({ exchange: { contentType, scopes } }: Sent): boolean =>
  contentType !== "text/event-stream" || scopes.some(({ role }) => role === "request")

/** Reads a body until a tick has come or it ends, and leaves; gives what has come. */
const read = async (ask: Ask, path: string): Promise<string> => {
  const { body } = await ask(path)
  if (body === null) return ""
  const decoder = new TextDecoder()
  let text = ""
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true })
    if (text.includes("tick")) break
  }
  return text
}

/** One client for each path, one after the other. */
export const visited = Effect.fnUntraced(function* (place: Place, paths: ReadonlyArray<string>) {
  const texts = yield* Effect.gen(function* () {
    const ask = yield* place
    const texts = yield* Effect.forEach(paths, (path) => Effect.promise(() => read(ask, path)))
    const complete = (all: ReadonlyArray<Sent>) =>
      all.length === paths.length && all.every(isComplete)
    yield* eventually(sent, complete, "20 seconds")
    return texts
  }).pipe(Effect.scoped)
  const all = yield* sent
  return paths.flatMap(
    (path, index): ReadonlyArray<Visited> =>
      all
        .filter(({ exchange }) => exchange.route === `GET ${path}`)
        .map((one) => ({ text: texts[index] ?? "", ...one })),
  )
})
