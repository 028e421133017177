import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpServerError from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { hostId } from "../../../otel/export/resource.ts"
import { counted } from "../../../otel/lifetimes/counted.ts"
import { fromMillis } from "../../../otel/lifetimes/time.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import { addressHere } from "../../access/any-address.ts"
import { Receiver } from "../../collector/receiver.ts"
import { Recording } from "../../collector/recorder.ts"
import { TraceStore } from "../../collector/trace-store.ts"
import type { Snapshot } from "../../page/snapshot.ts"
import { notFoundText } from "../../recordings/known-diagnosis.ts"
import { notFoundOf, reasonFor } from "../../recordings/known-findings.ts"
import { Bus } from "../../server/bus.ts"
import { forwardTo } from "../../watch/forwarding.ts"
import { listenForPage } from "../../watch/page-server.ts"
import { WatchedProgram } from "../../watch/watched-program.ts"
import { annotate } from "../annotations.ts"
import { recordingStore } from "../collect/recording-store.ts"
import { ProgramExit } from "../failure.ts"
import { Heap } from "../heap.ts"
import { knownFindings, writeKnownFindings } from "../known-file.ts"
import { listenFailure } from "../listen-failure.ts"
import { printsMarkdown, refuseTwoDocuments, writeMarkdown } from "../markdown-file.ts"
import { stopRequested } from "../stop.ts"
import { Screen } from "../terminal/screen.ts"
import { Variables } from "../variables.ts"
import { openInBrowser } from "./browser.ts"
import { type Child, startChild } from "./child.ts"
import { childVariables } from "./child-variables.ts"
import { refuseFlagsWithoutSeparator } from "./command-words.ts"
import { editorAddress } from "./editor.ts"
import type { WatchWords } from "./flags.ts"
import { forwardTargetIn } from "./forward-target.ts"
import { isRunning } from "./is-running.ts"
import { watchMarkdown } from "./markdown.ts"
import { endSentence, isLeft } from "./news-text.ts"
import { jsonOutput, textOutput } from "./output.ts"
import { writePage } from "./page-file.ts"

const pagePort = 4090
const otlpPort = 4318

/** What was on its way when the program ended comes within that. */
const lastSpans = "150 millis"

/** If a program takes longer to end than this, `watch` says that it waits. */
const quickEnd = "500 millis"

/** `scopeline watch`: shows a program while it runs, and ends with its exit code. */
export const watch = Effect.fnUntraced(function* (words: WatchWords) {
  yield* refuseTwoDocuments(words)
  const code = yield* Effect.scoped(watchUntilEnd(words))
  if (code !== 0) return yield* new ProgramExit({ code })
})

const watchUntilEnd = Effect.fnUntraced(function* (words: WatchWords) {
  const { command, json, memory } = words
  yield* refuseFlagsWithoutSeparator(command)
  const known = yield* knownFindings(words)
  const screen = yield* Screen
  const variables = yield* Variables
  const heap = yield* Heap
  heap.keepSmall()
  const editor = yield* editorAddress(words.editor)
  const target = forwardTargetIn(variables)
  const forwarding = target === undefined ? undefined : yield* forwardTo(target)
  const directory = process.cwd()
  const title = command.length === 0 ? "any program" : command.join(" ")
  const beganAt = yield* Clock.currentTimeMillis

  const page = yield* listenOn(words)
  // A trace of 20,000 spans has room in what it keeps by default.
  const limits = { bytes: memory, shareOfTrace: 2 / 3 }
  const stores = Option.isSome(words.out)
    ? recordingStore(words.out.value, TraceStore.layer(limits))
    : Layer.merge(TraceStore.layer(limits), Recording.layerNone)
  let unwritten: Effect.Effect<ReadonlyArray<string>> = Effect.succeed([]) // until it is recorded
  let otlp = ""
  let pid: number | undefined
  const output = json
    ? jsonOutput
    : textOutput({ page: page.address, width: screen.width, directory })
  const watched = WatchedProgram.layer({
    title,
    otlp: () => otlp,
    started: command.length === 0 ? undefined : () => pid,
    directory,
    editor,
    grace: fromMillis(words.grace),
    streamRoutes: words.streamRoutes,
    knownReason: (match) => reasonFor(known, match),
    isRunning,
    host: hostId(),
    received: (spans) => forwarding?.add(spans),
    tell: output.news,
    notes: Effect.suspend(() =>
      Effect.map(unwritten, (notes) => [...notes, ...(forwarding?.notes() ?? [])]),
    ),
  })
  const services = yield* Layer.build(
    watched.pipe(Layer.provideMerge(stores), Layer.provide(Layer.succeed(Bus, page.bus))),
  )
  const program = Context.get(services, WatchedProgram)
  unwritten = Effect.map(Context.get(services, Recording).unwritten, ({ spans, reason }) =>
    spans === 0 ? [] : [`${counted(spans, "span")} could not be written to --out: ${reason}.`],
  )
  yield* page.show(program)
  const receiver = yield* listenForSpans(words).pipe(Effect.provideContext(services))
  otlp = receiver.url

  const stopped = yield* command.length === 0 ? stopRequested : Effect.succeed(Effect.never)
  const child =
    command.length === 0
      ? undefined
      : yield* startChild({ command, variables: childVariables(variables, otlp), isQuiet: json })
  pid = child?.pid
  const start = { title, pid, page: page.address, otlp }
  yield* output.started(start)
  if (words.open) yield* openInBrowser(page.address)

  const tellWaiting = (child: Child) =>
    Effect.gen(function* () {
      yield* child.asked
      yield* Effect.sleep(quickEnd)
      const { rows } = yield* program.snapshot
      const open = rows.filter(({ state }) => state === "open")
      yield* output.waiting(start, open)
    })
  const code = yield* child === undefined
    ? Effect.as(stopped, 0)
    : Effect.raceFirst(child.ended, Effect.andThen(tellWaiting(child), Effect.never))
  yield* Effect.sleep(lastSpans)
  yield* forwarding?.finish ?? Effect.void
  yield* program.settle
  const snapshot = yield* program.snapshot
  const forMillis = (yield* Clock.currentTimeMillis) - beganAt
  const exit = child === undefined ? undefined : { code, wasAsked: child.wasAsked() }
  const found = snapshot.findings.map((kind) => ({ ...kind, code: kind.place }))
  for (const one of notFoundOf(known, found)) {
    yield* Console.error(`scopeline  ${printable(notFoundText(one))}`)
  }
  yield* writeKnownFindings(words, known, found.filter(isLeft), (text) =>
    Console.error(`scopeline  ${text}`),
  )
  const written = yield* writePage(words, program).pipe(
    Effect.andThen(writeFindings(words, program, snapshot, endSentence(snapshot, forMillis))),
    Effect.result,
  )
  yield* output.ended(snapshot, forMillis, exit)
  yield* Effect.fromResult(written)
  yield* annotate(found.filter(isLeft))
  const fails = words.fail && !words.writeKnown && snapshot.findings.some(isLeft)
  return code === 0 && fails ? 1 : code
})

/** As Markdown, with an example of each kind drawn if it is still known. */
const writeFindings = Effect.fnUntraced(function* (
  words: WatchWords,
  program: WatchedProgram["Service"],
  snapshot: Snapshot,
  verdict: string,
) {
  const { markdown, json } = words
  if (Option.isNone(markdown)) return
  const details = yield* Effect.forEach(
    snapshot.findings.flatMap(({ examples: [example] }) => example ?? []),
    (id) => program.detail(id),
  )
  const known = new Map(details.flatMap((detail) => (detail ? [[detail.id, detail] as const] : [])))
  yield* writeMarkdown({ markdown, json: true }, async () =>
    watchMarkdown(snapshot, known, [verdict]),
  )
  if (!json && !printsMarkdown(words)) {
    yield* Console.error(`scopeline  saved: ${markdown.value}`)
  }
})

/** The port that was asked for, or else a free one where the usual one is taken. */
const listenOn = ({ port, host, allowHosts, jaeger: address }: WatchWords) => {
  const jaeger = Option.getOrUndefined(address)
  const listen = (number: number) => listenForPage({ host, port: number, allowHosts, jaeger })
  if (Option.isSome(port)) {
    return Effect.catchTag(listen(port.value), "ServeError", fail(host, port.value, "--port"))
  }
  return listen(pagePort).pipe(
    Effect.catchTag("ServeError", () => listen(0)),
    Effect.catchTag("ServeError", fail(host, 0, "--port")),
  )
}

const listenForSpans = Effect.fnUntraced(function* (words: WatchWords) {
  const { command, host, allowHosts, memory, jaeger } = words
  const usual = command.length === 0 ? otlpPort : 0
  const port = Option.getOrElse(words.otlpPort, () => usual)
  const listen = (number: number) =>
    Layer.build(Receiver.layer({ host, port: number, allowHosts, memory }))
  // A Jaeger on this machine takes spans on the usual port itself.
  const mayMove = Option.isSome(jaeger) && Option.isNone(words.otlpPort)
  const services = yield* listen(port).pipe(
    Effect.catchTag("ServeError", (error) => (mayMove ? listen(0) : Effect.fail(error))),
    Effect.catchTag("ServeError", fail(host, port, "--otlp-port")),
  )
  const { url } = Context.get(services, Receiver)
  return { url: addressHere(host, Number(new URL(url).port || 80)) }
})

const fail = (host: string, port: number, flag: string) => (error: HttpServerError.ServeError) =>
  Effect.fail(listenFailure(host, port, error, flag))
