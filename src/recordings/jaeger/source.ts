import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Stream from "effect/Stream"
import { counted, plural } from "../../../otel/lifetimes/counted.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { TraceTable } from "../diagnosis/trace-table.ts"
import type { ReadingLog } from "../reading-log.ts"
import { type Batch, type SpanSource, UnreadableSource } from "../source.ts"
import { fetchServices, fetchTrace } from "./client.ts"
import { searchTraces, type TimeWindow, type TraceFilter } from "./search.ts"

/** What to read from Jaeger: the named traces, or those of services in a window. */
export interface JaegerQuestion {
  readonly traceIds: ReadonlyArray<string>
  /** All services that Jaeger knows, if none is named. */
  readonly services: ReadonlyArray<string>
  readonly window: TimeWindow
  readonly filter?: TraceFilter
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
      // The next answer is requested while one is judged.
      Stream.buffer({ capacity: 2 }),
    ),
})

/** In memory and as JSON, spans are about equally large. Jaeger's answers do not show where one span ends. */
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

const tracesOfServices = (
  address: string,
  { services, window, filter }: JaegerQuestion,
  log: ReadingLog,
) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const known = services.length > 0 ? [] : yield* fetchServices(address)
      const asked = services.length > 0 ? services : known.filter((name) => !isJaeger(name))
      for (const own of known.filter(isJaeger)) {
        log.note(yield* leftOut(address, own, window))
      }
      const read = new TraceTable()
      return Stream.fromIterable(asked).pipe(
        Stream.flatMap((service) => searchTraces(address, service, window, filter)),
        Stream.map(({ spans, rejected, size }): Batch => {
          log.documents += 1
          log.bytes += size
          log.reject(rejected)
          return { spans: unknownOf(spans, read), bytes: size }
        }),
        Stream.filter(({ spans }) => spans.length > 0),
        Stream.onEnd(
          Effect.gen(function* () {
            // An answer without any trace is an answer.
            log.documents += 1
            log.note(sentence(address, read.size, asked))
            if (read.size === 0) yield* noteUnknown(address, services, log)
          }),
        ),
      )
    }),
  )

/** Jaeger traces itself, under the names of its programs. */
const isJaeger = (service: string): boolean =>
  /^jaeger(-(all-in-one|collector|query))?$/.test(service)

/** One answer is enough to count them by. */
const countedAtMost = 100

const leftOut = (address: string, service: string, window: TimeWindow) =>
  searchTraces(address, service, window, { most: countedAtMost }).pipe(
    Stream.runFold(
      () => new Set<string>(),
      (traces, { spans }) => {
        for (const { traceId } of spans) traces.add(traceId)
        return traces
      },
    ),
    Effect.map(({ size }) => {
      const count = size < countedAtMost ? counted(size, "trace") : `${size} or more traces`
      return `Left out ${count} that Jaeger made of itself, as service ${service}; --service ${service} reads them.`
    }),
  )

/** So many services are listed. */
const listedAtMost = 10

/** A service that Jaeger does not know is not one that was quiet: its name may be wrong. */
const noteUnknown = Effect.fnUntraced(function* (
  address: string,
  asked: ReadonlyArray<string>,
  log: ReadingLog,
) {
  // An answer without traces has been read: this is only said besides.
  const known = yield* Effect.orElseSucceed(fetchServices(address), () => asked)
  const unknown = asked.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  const listed = known.toSorted().slice(0, listedAtMost).join(", ")
  const more = known.length - listedAtMost
  log.note(
    `Jaeger has no service ${unknown.join(", ")}. ` +
      (known.length === 0
        ? "It has no spans of any service."
        : `It has ${listed}${more > 0 ? ` and ${more} more` : ""}.`),
  )
})

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
