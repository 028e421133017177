import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Stream from "effect/Stream"
import type { Micros } from "../../../otel/lifetimes/time.ts"
import type { DecodedSpans } from "../../otlp/groups.ts"
import {
  type Answer,
  type AnswerTooLarge,
  ask,
  type JaegerUnreachable,
  NotJaeger,
  tracesOf,
} from "./client.ts"

/** How many traces one question asks for; Jaeger's own default. */
const depth = 100

/** If a window cannot be halved any more, all of it is requested at once. */
const greatestDepth = 10_000

/** From and to a moment, both of them included. */
export interface TimeWindow {
  readonly from: Micros
  readonly to: Micros
}

/** Which traces of a service to read; all of them by default. */
export interface TraceFilter {
  readonly operation?: string | undefined
  readonly attributes?: Readonly<Record<string, string>>
  /** In Go's notation: `1.2s`, `100ms`. */
  readonly durationMin?: string | undefined
  readonly durationMax?: string | undefined
  /** Not more traces than this. */
  readonly most?: number | undefined
}

interface FoundTraces extends DecodedSpans {
  /** Length of the answer. */
  readonly size: number
}

/**
 * All matching traces of a service in a window of time, the earliest first. Jaeger has no cursor, so a window
 * with more traces than one answer is halved until each half fits. A trace that crosses the border between two
 * windows comes twice.
 */
export const searchTraces = (
  address: string,
  service: string,
  window: TimeWindow,
  filter: TraceFilter = {},
): Stream.Stream<FoundTraces, JaegerUnreachable | NotJaeger, HttpClient.HttpClient> =>
  Stream.paginate([window], (windows: ReadonlyArray<TimeWindow>) =>
    Effect.gen(function* () {
      const [first, ...rest] = windows
      if (first === undefined) return [[], Option.none()]
      const found = yield* searchOnce(address, { service, window: first, filter })
      const left = found === undefined ? [...halvesOf(first), ...rest] : rest
      const next = left.length === 0 ? Option.none() : Option.some(left)
      return [found === undefined ? [] : [found], next]
    }),
  )

const halvesOf = ({ from, to }: TimeWindow): ReadonlyArray<TimeWindow> => {
  const middle = from + Math.floor((to - from) / 2)
  return [
    { from, to: middle },
    // Not a microsecond later: spans have nanoseconds.
    { from: middle, to },
  ]
}

interface Question {
  readonly service: string
  readonly window: TimeWindow
  readonly filter: TraceFilter
}

interface Asked {
  readonly answer: Answer
  /** So many traces were asked for. */
  readonly most: number
}

/** `undefined` if the window has to be halved. */
const searchOnce = Effect.fnUntraced(function* (address: string, question: Question) {
  const { window, filter } = question
  const canHalve = filter.most === undefined && window.to - window.from > 1
  const found = yield* askAtMost(
    address,
    question,
    filter.most ?? (canHalve ? depth : greatestDepth),
  ).pipe(
    Effect.catchTag("AnswerTooLarge", (error) =>
      canHalve ? Effect.succeed(undefined) : Effect.fail(error.asNotJaeger),
    ),
  )
  if (found === undefined) return undefined
  const { answer, most } = found
  const decoded = (yield* tracesOf(address, answer)) ?? { spans: [], rejected: [] }
  const traces = new Set(decoded.spans.map(({ traceId }) => traceId)).size
  if (traces >= most && filter.most === undefined) {
    if (canHalve) return undefined
    const detail = `${traces} traces began within one microsecond`
    return yield* new NotJaeger({ address, detail })
  }
  const read: FoundTraces = { ...decoded, size: answer.size }
  return read
})

/** With a smaller depth, if the store allows fewer traces. */
const askAtMost = (
  address: string,
  question: Question,
  most: number,
): Effect.Effect<Asked, JaegerUnreachable | AnswerTooLarge, HttpClient.HttpClient> =>
  ask(address, `traces?${queryOf(question, most)}`).pipe(
    Effect.map((answer): Asked => ({ answer, most })),
    Effect.catchIf(
      (error) =>
        most > 1 && error._tag === "JaegerUnreachable" && /search depth/.test(error.detail),
      () => askAtMost(address, question, Math.floor(most / 2)),
    ),
  )

/** Versions of Jaeger before 2.19 know only the names with underscores. */
const queryOf = (
  { service, window: { from, to }, filter }: Question,
  searchDepth: number,
): string =>
  new URLSearchParams({
    ...filterQuery(filter),
    "query.serviceName": service,
    "query.service_name": service,
    "query.startTimeMin": rfc3339(from),
    "query.start_time_min": rfc3339(from),
    "query.startTimeMax": rfc3339(to),
    "query.start_time_max": rfc3339(to),
    "query.searchDepth": String(searchDepth),
    "query.search_depth": String(searchDepth),
    "query.rawTraces": "true",
    "query.raw_traces": "true",
  }).toString()

const filterQuery = ({ operation, attributes, durationMin, durationMax }: TraceFilter) => {
  const tags =
    attributes === undefined || Object.keys(attributes).length === 0
      ? undefined
      : JSON.stringify(attributes)
  const given = {
    "query.operationName": operation,
    "query.operation_name": operation,
    "query.attributes": tags,
    "query.durationMin": durationMin,
    "query.duration_min": durationMin,
    "query.durationMax": durationMax,
    "query.duration_max": durationMax,
  }
  return Record.filter(given, (value) => value !== undefined)
}

const rfc3339 = (time: Micros): string => {
  const [date = ""] = new Date(Math.floor(time / 1000)).toISOString().split("Z")
  return `${date}${String(time % 1000).padStart(3, "0")}Z`
}
