import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { paragraph } from "../../../otel/timeline/segment.ts"
import { Receiver } from "../../collector/receiver.ts"
import { TraceStore } from "../../collector/trace-store.ts"
import { type ProbeOptions, probeCollecting, probe as probeFromOutside } from "../../probe/probe.ts"
import { parseTrigger } from "../../probe/trigger.ts"
import { annotate } from "../annotations.ts"
import { Unexpected, UsageError } from "../failure.ts"
import { listenFailure } from "../listen-failure.ts"
import { printsMarkdown, refuseTwoDocuments } from "../markdown-file.ts"
import { giveResults } from "../results.ts"
import type { ProbeWords } from "./flags.ts"
import { probeJson } from "./json.ts"
import { requestOf } from "./request-flags.ts"
import { probeLines, probeVerdict } from "./text.ts"

/** Milliseconds that a server may take to answer and to send a first event. */
const patience = 10_000

/** `scopeline probe`: what clients of any event stream see, and what its server says of itself. */
export const probe = Effect.fnUntraced(function* (words: ProbeWords) {
  const { collect, wait, grace, json } = words
  yield* refuseTwoDocuments(words)
  const trigger = Option.isNone(words.trigger)
    ? undefined
    : yield* parseTrigger(words.trigger.value).pipe(
        Effect.mapError(({ message }) => new UsageError({ message })),
      )
  const options: ProbeOptions = {
    url: words.url,
    request: requestOf({
      header: words.header,
      method: Option.getOrUndefined(words.method),
      data: Option.getOrUndefined(words.data),
    }),
    connections: words.connections,
    hold: words.hold,
    expectEnd: words.expectEnd,
    baseline: Option.getOrUndefined(words.baseline),
    trigger,
    patience,
  }
  const probed = yield* Option.match(collect, {
    onNone: () => probeFromOutside(options),
    onSome: (port) =>
      probeCollecting(options, { wait, grace: grace * 1000 }).pipe(
        Effect.provide(collector(port, json || printsMarkdown(words))),
        Effect.catchTag("ServeError", (error) =>
          Effect.fail(listenFailure(host, port, error, "--collect")),
        ),
      ),
  })
  yield* giveResults(words, {
    json: () => probeJson(probed),
    lines: (width) => probeLines(probed, width),
    verdict: (width) => paragraph(probeVerdict(probed), 0, width, "title"),
    report: async (environment) => {
      const { probeReport } = await import("./report.ts")
      return probeReport(probed, environment)
    },
    exchanges: () => probed.exchanges,
  })
  yield* annotate(probed.findings)
  if (!probed.asExpected) return yield* new Unexpected()
})

const host = "127.0.0.1"

/** The person who starts the server must know where it should send its spans. */
const collector = (port: number, isQuiet: boolean) =>
  Layer.tap(Receiver.layer({ host, port }), (context) => {
    const { url } = Context.get(context, Receiver)
    const line = `Listening on ${url} for the server's spans (OTLP/HTTP).`
    if (!isQuiet) return Console.log(line)
    return port === 0 ? Console.error(line) : Effect.void
  }).pipe(Layer.provideMerge(TraceStore.layer()))
