import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Micros } from "../../../otel/lifetimes/time.ts"
import type { DecodedSpans } from "../../otlp/groups.ts"
import { ask, type JaegerUnreachable, NotJaeger, tracesOf } from "./client.ts"

/** As many traces as one question asks for; Jaeger's own default. */
const depth = 100

/** Where a window cannot be halved any more, all of it is asked for at once. */
const greatestDepth = 10_000

/** From and to a moment, both of them included. */
export interface TimeWindow {
  readonly from: Micros
  readonly to: Micros
}

interface FoundTraces extends DecodedSpans {
  /** Length of the answer. */
  readonly size: number
}

/**
 * All traces of a service in a window of time, the earliest first. Jaeger has no cursor: a window that
 * holds more traces than one answer is halved until each half does not. A trace that reaches over the
 * edge between two comes twice.
 */
export const searchTraces = (
  address: string,
  service: string,
  window: TimeWindow,
): Stream.Stream<FoundTraces, JaegerUnreachable | NotJaeger, HttpClient.HttpClient> =>
  Stream.paginate([window], (windows: ReadonlyArray<TimeWindow>) =>
    Effect.gen(function* () {
      const [first, ...rest] = windows
      if (first === undefined) return [[], Option.none()]
      const found = yield* searchOnce(address, service, first)
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

/** `undefined` where the window has to be halved. */
const searchOnce = Effect.fnUntraced(function* (
  address: string,
  service: string,
  window: TimeWindow,
) {
  const canHalve = window.to - window.from > 1
  const most = canHalve ? depth : greatestDepth
  const answer = yield* ask(address, `traces?${queryOf(service, window, most)}`).pipe(
    Effect.catchTag("AnswerTooLarge", (error) =>
      canHalve ? Effect.succeed(undefined) : Effect.fail(error.asNotJaeger),
    ),
  )
  if (answer === undefined) return undefined
  const decoded = (yield* tracesOf(address, answer)) ?? { spans: [], rejected: [] }
  const traces = new Set(decoded.spans.map(({ traceId }) => traceId)).size
  if (traces >= most) {
    if (canHalve) return undefined
    const detail = `${traces} traces began within one microsecond`
    return yield* new NotJaeger({ address, detail })
  }
  const found: FoundTraces = { ...decoded, size: answer.size }
  return found
})

/** Jaeger before 2.19 knows the names with underscores only. */
const queryOf = (service: string, { from, to }: TimeWindow, searchDepth: number): string =>
  new URLSearchParams({
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

const rfc3339 = (time: Micros): string => {
  const [date = ""] = new Date(Math.floor(time / 1000)).toISOString().split("Z")
  return `${date}${String(time % 1000).padStart(3, "0")}Z`
}
