import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { fromMillis, type Micros } from "../../otel/lifetimes/time.ts"
import { fileSource, inputSource } from "../recordings/file-source.ts"
import { type JaegerSearch, pageAt } from "../recordings/jaeger/page.ts"
import type { TimeWindow } from "../recordings/jaeger/search.ts"
import type { JaegerQuestion } from "../recordings/jaeger/source.ts"
import { severalSources } from "../recordings/several-sources.ts"
import type { SpanSource, UnreadableSource } from "../recordings/source.ts"
import { UsageError } from "./failure.ts"

/** The words of a command line that say where spans are. */
export interface SourceWords {
  /** A file, `-`, or where Jaeger is: its own address, or that of a trace, a comparison or a search in it. */
  readonly source: string
  readonly services: ReadonlyArray<string>
  readonly traces: ReadonlyArray<string>
  /** In milliseconds. */
  readonly lookback: number | undefined
}

export type AnySource = SpanSource<UnreadableSource, FileSystem.FileSystem | Stdio.Stdio>

/** Whether a source is in Jaeger. */
export const isAddress = (source: string): boolean => /^https?:\/\//.test(source)

const defaultLookback: Micros = 3_600_000_000

export const sourceOf = (
  words: SourceWords,
): Effect.Effect<AnySource, UsageError | UnreadableSource, FileSystem.FileSystem> => {
  if (isAddress(words.source)) return jaegerAt(words)
  const { services, traces, lookback } = words
  if (services.length > 0 || traces.length > 0 || lookback !== undefined) {
    return fail(
      "--service, --lookback and --trace need the address of Jaeger, as http://127.0.0.1:16686.",
    )
  }
  return namesOfInput.has(words.source) ? Effect.succeed(inputSource) : fileSource(words.source)
}

/** The same for several sources. */
export interface SourcesWords extends Omit<SourceWords, "source"> {
  readonly sources: ReadonlyArray<string>
}

/** Several sources as one. Flags about Jaeger apply to those that are in Jaeger. */
export const sourcesOf = Effect.fnUntraced(function* ({ sources, ...words }: SourcesWords) {
  if (sources.filter((it) => namesOfInput.has(it)).length > 1) {
    return yield* fail("Standard input can be read once.")
  }
  const isMixed = sources.some(isAddress)
  const named = (source: string) =>
    sourceOf(
      isMixed && !isAddress(source)
        ? { source, services: [], traces: [], lookback: undefined }
        : { ...words, source },
    )
  return severalSources(yield* Effect.forEach(sources, named))
})

/** The system's name for standard input cannot always be opened. */
const namesOfInput: ReadonlySet<string> = new Set(["-", "/dev/stdin", "/dev/fd/0"])

const fail = (message: string) => Effect.fail(new UsageError({ message }))

const jaegerAt = (words: SourceWords): Effect.Effect<AnySource, UsageError> => {
  if (!URL.canParse(words.source)) return fail(`${words.source} is no address.`)
  const { address, traceIds, search } = pageAt(new URL(words.source))
  const traces = [...traceIds, ...words.traces]
  const wrong = traces.find((id) => !/^[0-9a-fA-F]{1,32}$/.test(id))
  if (wrong !== undefined) return fail(`${wrong} is no trace id: up to 32 hex digits are expected.`)
  if (traces.length > 0 && (words.services.length > 0 || words.lookback !== undefined)) {
    return fail("--trace names all that is read: leave out --service and --lookback.")
  }
  return jaegerSourceOf(address, {
    traceIds: traces.map((id) => id.toLowerCase().padStart(32, "0")),
    services: servicesOf(words, search),
    window: windowOf(words, search),
    filter: search?.filter ?? {},
  })
}

/** Flags win over what the address of a search says. */
const servicesOf = ({ services }: SourceWords, search: JaegerSearch | undefined) => {
  if (services.length > 0) return [...new Set(services)]
  return search?.service === undefined ? [] : [search.service]
}

const windowOf = ({ lookback }: SourceWords, search: JaegerSearch | undefined): TimeWindow => {
  const now = Date.now() * 1000
  if (lookback === undefined && search?.lookback === undefined && search?.from !== undefined) {
    return { from: search.from, to: search.to ?? now }
  }
  const back = lookback === undefined ? search?.lookback : fromMillis(lookback)
  return { from: Math.max(0, now - (back ?? defaultLookback)), to: now }
}

/** The code that asks Jaeger is loaded only for Jaeger. */
const jaegerSourceOf = (address: string, question: JaegerQuestion) =>
  Effect.promise(async (): Promise<AnySource> => {
    const FetchHttpClient = await import("effect/http/FetchHttpClient")
    const { jaegerSource } = await import("../recordings/jaeger/source.ts")
    const source = jaegerSource(address, question)
    return { ...source, read: (log) => Stream.provide(source.read(log), FetchHttpClient.layer) }
  })
