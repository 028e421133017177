import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Stream from "effect/Stream"
import { counted, plural } from "../../../otel/lifetimes/counted.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { TraceTable } from "../diagnosis/trace-table.ts"
import type { ReadingLog } from "../reading-log.ts"
import { type Batch, type SpanSource, UnreadableSource } from "../source.ts"
import { fetchServices, fetchTrace } from "./client.ts"
import { searchTraces, type TimeWindow } from "./search.ts"

/** What is to be read from Jaeger: the traces that are named, or those of services in a window. */
export interface JaegerQuestion {
  readonly traceIds: ReadonlyArray<string>
  /** All that Jaeger knows where none is named. */
  readonly services: ReadonlyArray<string>
  readonly window: TimeWindow
}

/** Traces read from Jaeger's API. Each comes whole, so none is read twice. */
export const jaegerSource = (
  address: string,
  question: JaegerQuestion,
): SpanSource<UnreadableSource, HttpClient.HttpClient> => ({
  name: address,
  size: undefined,
  repeatable: false,
  read: (log) =>
    (question.traceIds.length > 0
      ? namedTraces(address, question.traceIds, log)
      : tracesOfServices(address, question, log)
    ).pipe(
      Stream.mapError(({ message }) => new UnreadableSource({ message })),
      // The next answer is on its way while one is judged.
      Stream.buffer({ capacity: 2 }),
    ),
})

/** In memory and as JSON a span is about as large; Jaeger's answers do not tell where one ends. */
const spanSize = 500

const namedTraces = (address: string, traceIds: ReadonlyArray<string>, log: ReadingLog) =>
  Stream.fromIterable(new Set(traceIds)).pipe(
    Stream.mapEffect((traceId) => fetchTrace(address, traceId)),
    Stream.map(({ spans, rejected }): Batch => {
      log.documents += 1
      log.reject(rejected)
      return { spans, bytes: spans.length * spanSize }
    }),
    Stream.onEnd(
      Effect.sync(() =>
        log.note(`Read ${counted(log.documents, "trace")} from Jaeger at ${address}.`),
      ),
    ),
  )

const tracesOfServices = (address: string, { services, window }: JaegerQuestion, log: ReadingLog) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const asked = services.length > 0 ? services : yield* fetchServices(address)
      const known = new TraceTable()
      return Stream.fromIterable(asked).pipe(
        Stream.flatMap((service) => searchTraces(address, service, window)),
        Stream.map(({ spans, rejected, size }): Batch => {
          log.documents += 1
          log.bytes += size
          log.reject(rejected)
          return { spans: unknownOf(spans, known), bytes: size }
        }),
        Stream.filter(({ spans }) => spans.length > 0),
        Stream.onEnd(
          Effect.sync(() => {
            // An answer without any trace is an answer.
            log.documents += 1
            log.note(sentence(address, known.size, asked))
          }),
        ),
      )
    }),
  )

/** A trace comes again with another service, or with the next window. */
const unknownOf = (spans: ReadonlyArray<Span>, known: TraceTable): ReadonlyArray<Span> => {
  const unknown = spans.filter(({ traceId }) => !known.has(traceId))
  for (const traceId of new Set(unknown.map((span) => span.traceId))) known.add(traceId, 1, 0)
  return unknown
}

const sentence = (address: string, count: number, services: ReadonlyArray<string>): string => {
  const names =
    services.length === 0
      ? "no service"
      : `${plural(services.length, "service")} ${services.join(", ")}`
  return `Read ${counted(count, "trace")} of ${names} from Jaeger at ${address}.`
}
