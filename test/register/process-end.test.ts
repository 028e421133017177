import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { listening } from "../support/jaeger-stand-in.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { runningProgram } from "../support/process.ts"
import { signalsReachProcesses } from "../support/stop.ts"
import { type Ended, ended, project, run, saidIn, underRegister } from "./registered.ts"

const effect = new URL("../../node_modules/effect/dist/index.js", import.meta.url).href

/** A program with a span, that ends in some way. */
const program = (end: string) => ({
  "main.mjs": `
import { Effect } from ${JSON.stringify(effect)}
await Effect.runPromise(Effect.withSpan(Effect.sync(() => console.log("works")), "work"))
${end}
`,
})

const sendingTo = (url: string) => ({ ...underRegister, OTEL_EXPORTER_OTLP_ENDPOINT: url })

const ends = [
  { how: "by itself", end: "", code: 0 },
  { how: "by process.exit", end: "process.exit(3)", code: 3 },
  { how: "by process.exit, later", end: "setTimeout(() => process.exit(4), 700)", code: 4 },
  { how: "by an error that nobody catches", end: 'throw new Error("no good")', code: 1 },
  { how: "with an exit code", end: "process.exitCode = 5", code: 5 },
]

describe("what waits when the process ends", () => {
  it.live.each(ends)("$how is still sent, once", ({ end, code }) =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const folder = yield* project(program(end))
      const result = yield* run(["main.mjs"], sendingTo(sink.address), folder)
      expect(result).toMatchObject({ code, signal: null, stdout: "works\n" })
      expect((yield* spansIn(sink.requests)).map(({ name }) => name)).toEqual(["work"])
    }),
  )

  it.live("is sent with what ends while the process does", () =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const folder = yield* project(
        program('process.on("exit", () => Effect.runSync(Effect.withSpan(Effect.void, "late")))'),
      )
      const result = yield* run(["main.mjs"], sendingTo(sink.address), folder)
      expect(result).toEqual({ code: 0, signal: null, stdout: "works\n", stderr: "" })
      const names = (yield* spansIn(sink.requests)).map(({ name }) => name)
      expect(names).toEqual(["work", "late"])
    }),
  )

  it.live.each([
    'void Effect.runPromise(Effect.withSpan(Effect.fail(new Error("no good")), "fails"))',
    'Effect.runSync(Effect.withSpan(Effect.die(new Error("no good")), "fails"))',
  ])("does not change what Node.js says of an error that nobody catches: %s", (end) =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const folder = yield* project(program(end))
      const without = yield* run(["main.mjs"], {}, folder)
      expect(without.stderr).toContain(end) // the line that threw it
      expect(yield* run(["main.mjs"], sendingTo(sink.address), folder)).toEqual(without)
      const spans = yield* spansIn(sink.requests)
      const [fails] = spans.filter(({ name }) => name === "fails")
      expect(fails?.events).toEqual([expect.objectContaining({ name: "exception" })])
    }),
  )

  it.live("is sent from a worker thread as well", () =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const { "main.mjs": work } = program("")
      const folder = yield* project({
        "main.mjs":
          'new (await import("node:worker_threads")).Worker(new URL("work.mjs", import.meta.url))',
        "work.mjs": work,
      })
      expect(yield* run(["main.mjs"], sendingTo(sink.address), folder)).toMatchObject({ code: 0 })
      expect((yield* spansIn(sink.requests)).map(({ name }) => name)).toEqual(["work"])
    }),
  )
})

describe("while the program runs", () => {
  it.live("a span has left half a second after its end, and the process is not kept alive", () =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const folder = yield* project(program("setInterval(() => {}, 1000)"))
      const running = yield* runningProgram(
        process.execPath,
        ["main.mjs"],
        sendingTo(sink.address),
        folder,
      )
      yield* sink.until(() => sink.requests.length > 0)
      expect((yield* spansIn(sink.requests)).map(({ name }) => name)).toEqual(["work"])
      running.signal("SIGKILL")
      yield* running.ended
    }),
  )
})

describe("a process", () => {
  it.live("is listened to once, for its end: Node.js warns of the eleventh listener", () =>
    Effect.gen(function* () {
      const folder = yield* project(
        program(
          "console.log(process.eventNames().map((name) => [name, process.listenerCount(name)]))",
        ),
      )
      const counted = ({ stdout }: Ended) =>
        [...stdout.matchAll(/\[ '?(\w+)'?, (\d+) \]/g)].map(([, name, count]) => `${name} ${count}`)
      const without = counted(yield* run(["main.mjs"], {}, folder))
      const under = counted(yield* run(["main.mjs"], underRegister, folder))
      expect(without.length).toBeGreaterThan(0)
      expect(under.toSorted()).toEqual([...without, "exit 1"].toSorted())
    }),
  )
})

/** A collector that takes what it is sent and never answers. */
const silent = Effect.gen(function* () {
  const seen = { requests: 0 }
  const url = yield* listening(() => {
    seen.requests++
  })
  return { url, seen }
})

/** How long a run took longer than one that is not registered, in milliseconds. */
const delayOf = Effect.fnUntraced(function* (end: string, url: string) {
  const folder = yield* project(program(end))
  const timed = Effect.fnUntraced(function* (variables: Readonly<Record<string, string>>) {
    const start = performance.now()
    const result = yield* run(["main.mjs"], variables, folder)
    return { result, millis: performance.now() - start }
  })
  const without = yield* timed({})
  const under = yield* timed(sendingTo(url))
  expect(under.result).toMatchObject({ code: without.result.code, stdout: without.result.stdout })
  return { ...under, delay: under.millis - without.millis }
})

describe("a collector that is not there", () => {
  it.live.each(["", "process.exit(0)"])("is waited for at most two seconds: %s", (end) =>
    Effect.gen(function* () {
      const { url } = yield* silent
      const { result, delay } = yield* delayOf(end, url)
      expect(delay).toBeLessThan(4_000) // to load all this takes time as well
      expect(result.stderr).toMatch(
        /^1 span was lost: the collector at http:\S+ did not answer \(.+\); it may have arrived\. .+$/m,
      )
    }),
  )

  it.live("holds up nothing that runs longer, and no end of it", () =>
    Effect.gen(function* () {
      const { url, seen } = yield* silent
      const { delay, result } = yield* delayOf("setTimeout(() => {}, 1500)", url)
      expect(seen.requests).toBeGreaterThan(0)
      expect(delay).toBeLessThan(4_000)
      // Lost is what has not arrived, although it has been sent.
      expect(result.stderr).toMatch(
        /^1 span was lost: the collector at http:\S+ did not answer \(.+\); it may have arrived\. .+$/m,
      )
    }),
  )
})

describe("what ends while the process does, with a collector that is not there", () => {
  it.live("is told in two lines, however much that is", () =>
    Effect.gen(function* () {
      const { url } = yield* silent
      const late = 'for (const name of "abcdef") Effect.runSync(Effect.withSpan(Effect.void, name))'
      const folder = yield* project(program(`process.on("exit", () => { ${late} })`))
      const result = yield* run(["main.mjs"], sendingTo(url), folder)
      expect(result.stderr.trim().split("\n")).toEqual([
        expect.stringMatching(
          /^1 span was lost: the collector at http:\S+ did not answer \(.+\); it may have arrived\. .+$/,
        ),
        "Spans that end later are lost as well.",
      ])
    }),
  )
})

const waiting = `
import { Effect } from ${JSON.stringify(effect)}
Effect.runFork(Effect.withSpan(Effect.never, "waiting"))
const signals = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"]
console.log("waits", process.eventNames().filter((name) => signals.includes(name)).length)
setInterval(() => {}, 1000)
`

describe.runIf(signalsReachProcesses)("a signal", () => {
  const signalled = Effect.fnUntraced(function* (
    signal: NodeJS.Signals,
    variables: Readonly<Record<string, string>>,
  ) {
    const folder = yield* project({ "main.mjs": waiting })
    const running = yield* runningProgram(process.execPath, ["main.mjs"], variables, folder)
    yield* running.written(/waits/)
    running.signal(signal)
    return yield* ended(running)
  })

  it.live.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"] as const)(
    "%s does what it did",
    (signal) =>
      Effect.gen(function* () {
        const sink = yield* otlpSink
        const without = yield* signalled(signal, {})
        expect(yield* signalled(signal, underRegister)).toEqual(without)
        expect(yield* signalled(signal, sendingTo(sink.address))).toEqual(without)
        expect(without).toMatchObject({ signal, stdout: "waits 0\n" })
      }),
  )

  it.live("that SCOPELINE_OPEN_SIGNAL names prints what is open", () =>
    Effect.gen(function* () {
      const folder = yield* project({ "main.mjs": waiting })
      const variables = { ...underRegister, SCOPELINE_OPEN_SIGNAL: "SIGUSR2" }
      const running = yield* runningProgram(process.execPath, ["main.mjs"], variables, folder)
      yield* running.written(/waits/)
      running.signal("SIGUSR2")
      yield* running.written(/^Scopeline: .* is open now; 1 fiber runs\.$/m)
    }),
  )
})

describe("a program that may start no thread", () => {
  it.live("is told once that no spans are sent", () =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const folder = yield* project(program("process.exitCode = 5"))
      const words = ["--permission", "--allow-fs-read=*", "main.mjs"]
      const result = yield* run(words, sendingTo(sink.address), folder)
      expect(result).toMatchObject({ code: 5, stdout: "works\n" })
      expect(saidIn(result)).toEqual([expect.stringContaining("Scopeline sends no spans")])
      expect(result.stderr).not.toContain("lost")
    }),
  )
})

describe("a reader of stderr that is gone", () => {
  it.live("does not end a program of which something is found, or told", () =>
    Effect.gen(function* () {
      const variables = { ...underRegister, SCOPELINE_OPEN_SIGNAL: "SIGUSR2" }
      const words = ["test/register/programs/managed-runtime.ts", "broken"]
      const running = yield* runningProgram(process.execPath, words, variables)
      running.child.stderr?.destroy()
      yield* running.written(/visited/)
      expect(yield* running.ended).toBe(7)
      const folder = yield* project({
        "main.mjs": waiting.replace(
          "setInterval",
          'process.once("SIGUSR2", () => setTimeout(() => { console.log("goes on"); process.exit(8) }, 50))\nsetInterval',
        ),
      })
      const asked = yield* runningProgram(process.execPath, ["main.mjs"], variables, folder)
      asked.child.stderr?.destroy()
      yield* asked.written(/waits/)
      asked.signal("SIGUSR2")
      yield* asked.written(/goes on/)
      expect(yield* asked.ended).toBe(8)
    }),
  )
})

describe("settings that cannot be followed", () => {
  it.live.each([
    { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    { OTEL_TRACES_EXPORTER: "zipkin" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "collector" },
    { SCOPELINE_GRACE: "long" },
    { SCOPELINE_OPEN_SIGNAL: "SIGNONE" },
  ])("are one warning: %o", (variables) =>
    Effect.gen(function* () {
      const folder = yield* project(program(""))
      const result = yield* run(["main.mjs"], { ...underRegister, ...variables }, folder)
      expect(result).toMatchObject({ code: 0, stdout: "works\n" })
      const [name, value] = Object.entries(variables)[0] ?? []
      expect(result.stderr.trim().split("\n")).toEqual([
        expect.stringContaining(`${name}=${JSON.stringify(value)}`),
      ])
      expect(saidIn(result)).toEqual([])
    }),
  )
})
