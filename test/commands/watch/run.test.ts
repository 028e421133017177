import { existsSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { isMarker } from "../../../otel/lifetimes/open-marker.ts"
import { isHeldSpan } from "../../../otel/lifetimes/spans/held.ts"
import { asked } from "../../support/asked.ts"
import { runCommand, scopeline } from "../../support/command.ts"
import { eventually } from "../../support/eventually.ts"
import { otlpSink, spansIn } from "../../support/otlp-sink.ts"
import { signalsReachProcesses, stop } from "../../support/stop.ts"
import { StreamReader } from "../../support/stream-reader.ts"
import { watchedServer, watching } from "./watching.ts"

const serve = ["--", process.execPath, "test/register/serve.ts"]

/** Ends with 0 when it is asked to stop. */
const serveEvents = ["--", process.execPath, "bin/scopeline.js", "serve", "--port", "0"]

const visit = (url: string) =>
  Effect.promise(async (signal) => (await fetch(url, { signal })).text())

describe.runIf(signalsReachProcesses).concurrent("a program under watch", () => {
  it.live("is shown without a line of code: what is open, what is held, and what is wrong", () =>
    Effect.gen(function* () {
      const watch = yield* watching(serve)
      const server = yield* watch.written(/Listening on (http:\S+)/)
      const reader = yield* StreamReader.open(`${server}/nested`)
      yield* reader.frameCount(1)
      yield* watch.row(({ route, state: is }) => route === "GET /nested" && is === "open")
      yield* visit(`${server}/broken`)
      const finding = yield* watch.finding(({ rule }) => rule === "scope-closed-early")
      expect(finding).toMatchObject({
        state: "found",
        route: "GET /broken",
        place: { function: "openBroken", file: expect.stringContaining("automatic/routes.ts") },
      })
      yield* watch.written(/ ✕ scope-closed-early · certain · GET \/broken · /)
      const [example = ""] = finding?.examples ?? []
      expect(watch.output()).toContain(`${watch.page}/#/x/${example}`)
      const detail = yield* watch.get(`/exchange/${example}`)
      expect(JSON.parse(detail.text).spans.length).toBeGreaterThan(4)
      const { held, runs } = yield* eventually(watch.snapshot, ({ held }) => held.length > 0)
      expect(held.map(({ kind }) => kind)).toContain("subscription")
      expect(runs).toMatchObject([{ number: 1, pid: expect.any(Number) }])
    }),
  )

  it.live("gets the signal, and its exit code and its output are those of the command", () =>
    Effect.gen(function* () {
      const program = `
        process.on("SIGINT", () => { console.log("down"); process.exit(7) })
        setInterval(() => {}, 1e3)
        console.log("up")`
      const watch = yield* watching(["--", process.execPath, "-e", program])
      yield* watch.written(/^up$/m)
      const { code } = yield* stop(watch, "SIGINT")
      expect(code).toBe(7)
      expect(watch.stdout()).toBe("up\ndown\n")
      expect(watch.stderr()).toMatch(/: no exchange could be judged\.\n$/)
    }),
  )

  it.live("is told which servers are seen, if another one answers its requests", () =>
    Effect.gen(function* () {
      const program = `
        const server = require("node:http").createServer((_, response) => response.end("hello"))
        server.listen(0, "127.0.0.1", () => console.log("Listening on http://127.0.0.1:" + server.address().port))`
      const watch = yield* watching(["--", process.execPath, "-e", program])
      const server = yield* watch.written(/Listening on (http:\S+:\d+)/)
      expect(yield* Effect.promise(async () => (await fetch(server)).text())).toBe("hello")
      yield* stop(watch, "SIGINT")
      expect(watch.stderr()).toMatch(
        /No request was seen\. Scopeline sees requests that Effect's own HTTP server answers, .*\n +Express, Hono or node:http answer\.\n.*: no exchange could be judged\.\n$/,
      )
    }),
  )

  it.live("is waited for with what it has started, which may end as slowly as it likes to", () =>
    Effect.gen(function* () {
      const slow = `
        process.on("SIGTERM", () => { console.log("hurried"); process.exit(1) })
        process.on("SIGINT", () => setTimeout(() => { console.log("bye"); process.exit(0) }, 400))
        setInterval(() => {}, 1e3)
        console.log("up")`
      const program = `
        require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(slow)}], { stdio: "inherit" })
        setInterval(() => {}, 1e3)`
      const watch = yield* watching(["--", process.execPath, "-e", program])
      yield* watch.written(/^up$/m)
      yield* stop(watch, "SIGINT")
      expect(watch.output()).toMatch(
        /^up\nbye\n(?:scopeline {2}(?:Waiting|No request) .*\n.*\n)*scopeline .* no exchange could be judged/m,
      )
    }),
  )

  it.live("is said to be waited for while a stream is open, and a second Ctrl-C kills it", () =>
    Effect.gen(function* () {
      const watch = yield* watching(serve)
      const server = yield* watch.written(/Listening on (http:\S+)/)
      const reader = yield* StreamReader.open(`${server}/nested`)
      yield* reader.frameCount(1)
      yield* watch.row(({ state: is }) => is === "open")
      watch.signal("SIGINT")
      watch.signal("SIGINT") // as npm does
      yield* watch.written(
        /Waiting for .* to end: 1 exchange is open \(GET \/nested ×1\)\.\n +Ctrl-C again kills it\./,
      )
      expect((yield* stop(watch, "SIGINT")).code).toBe(137)
    }),
  )

  it.live("ends with all that it has started", () =>
    Effect.gen(function* () {
      const program = `
        const { spawn } = require("node:child_process")
        const child = spawn(process.execPath, ["-e", "process.on('SIGINT', () => {}); setInterval(() => {}, 1e3)"])
        console.log("child " + child.pid)
        setInterval(() => {}, 1e3)`
      const watch = yield* watching(["--", process.execPath, "-e", program])
      const pid = Number(yield* watch.written(/^child (\d+)$/m))
      const { code } = yield* stop(watch, "SIGINT")
      expect(code).toBe(130)
      expect(() => process.kill(pid, 0)).toThrow("ESRCH")
    }),
  )

  it.live.each([
    { words: ["--fail"], code: 1 },
    { words: [], code: 0 },
  ])(
    "ends with $code where it ended well, problems are left and the words are $words",
    ({ words, code }) =>
      Effect.gen(function* () {
        const watch = yield* watching([...words, ...serveEvents])
        const server = yield* watch.written(/Listening on (http:[^\s,]+)/)
        yield* visit(`${server}/event`)
        yield* watch.finding(({ rule }) => rule === "scope-closed-early")
        const ended = yield* stop(watch, "SIGTERM")
        expect(ended.code, watch.output()).toBe(code)
      }),
  )

  it.live("has standard output for its news as JSON alone where that is asked for", () =>
    Effect.gen(function* () {
      const { stdout, stderr, code } = yield* Effect.promise(() =>
        runCommand([
          "watch",
          "--port",
          "0",
          "--json",
          "--",
          process.execPath,
          "-e",
          "console.log('up')",
        ]),
      )
      expect(code).toBe(0)
      expect(stderr).toBe("up\n")
      const news = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
      expect(news.map((one) => one.news)).toEqual(["start", "end"])
    }),
  )

  it.live("that ends before it has served anything is said to have, in the last lines", () =>
    Effect.gen(function* () {
      const { stderr, code } = yield* Effect.promise(() =>
        runCommand(["watch", "--port", "0", "--", process.execPath, "-e", "process.exit(3)"]),
      )
      expect(code).toBe(3)
      const [said, verdict] = stderr.trim().split("\n").slice(-2)
      expect(said).toMatch(/ ended with exit code 3 before any exchange was seen\.$/)
      expect(verdict).toMatch(/: no exchange could be judged\.$/)
    }),
  )

  it.live.each([
    {
      words: ["--editor", "zed", "node", "main.ts", "--port", "0"],
      said: "scopeline watch --editor zed -- node main.ts --port 0",
    },
    {
      words: ["node", "--inspect", "main.ts"],
      said: "Write -- before your command: scopeline watch -- node",
    },
  ])("whose flags are not told from those of watch is not started: $said", ({ words, said }) =>
    Effect.gen(function* () {
      const { stderr, code } = yield* Effect.promise(() => runCommand(["watch", ...words]))
      expect(stderr).toContain(said)
      expect(code).toBe(2)
    }),
  )

  it.live("is named in JSON without a character that a terminal would obey", () =>
    Effect.gen(function* () {
      const name = "\u009b2J\u202e"
      const program = `
        fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + "/v1/traces", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{
            traceId: "1".repeat(32), spanId: "1".repeat(16), name: "GET", kind: 2,
            startTimeUnixNano: "1000", endTimeUnixNano: "2000",
            attributes: [{ key: "http.route", value: { stringValue: "/${name}" } }] }] }] }] }),
        })`
      const { stdout } = yield* Effect.promise(() =>
        runCommand(["watch", "--port", "0", "--json", "--", process.execPath, "-e", program]),
      )
      expect(stdout).toMatch(/"news":"exchange".*\/\\u009b2J\\u202e/)
      expect(stdout).not.toMatch(/[\u009b\u202e]/)
    }),
  )

  it.live("that cannot be started is named, and the exit code is 2", () =>
    Effect.gen(function* () {
      const { stderr, code } = yield* Effect.promise(() =>
        runCommand(["watch", "--port", "0", "--", "no-such-program"]),
      )
      expect(stderr).toBe("Cannot start no-such-program: there is no such program.\n")
      expect(code).toBe(2)
    }),
  )

  it.live.runIf(existsSync("/dev/full"))(
    "is said to lack spans in its file where these could not be written",
    () =>
      Effect.gen(function* () {
        const watch = yield* watching(["--out", "/dev/full", ...serve])
        const server = yield* watch.written(/Listening on (http:\S+)/)
        yield* visit(`${server}/broken`)
        yield* watch.row(({ route }) => route === "GET /broken")
        const { notes } = yield* watch.snapshot
        const missing = /^\d+ spans could not be written to --out: no space left on device\.$/
        expect(notes).toContainEqual(expect.stringMatching(missing))
        yield* stop(watch, "SIGTERM")
        expect(watch.stderr()).toContain("could not be written to --out")
      }),
  )

  it.live(
    "sends its spans on to where they went before, but for those that are for the page alone",
    () =>
      Effect.gen(function* () {
        const sink = yield* otlpSink
        const watch = yield* watching(serve, {
          OTEL_EXPORTER_OTLP_ENDPOINT: sink.address,
          OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc",
        })
        const server = yield* watch.written(/Listening on (http:\S+)/)
        const reader = yield* StreamReader.open(`${server}/nested`)
        yield* watch.row(({ state: is }) => is === "open")
        yield* reader.leave
        yield* sink.until(() =>
          sink.requests.some(
            ({ body }) => body.includes('"GET /nested"') || body.includes("/nested"),
          ),
        )
        const spans = yield* spansIn(sink.requests)
        expect(spans.length).toBeGreaterThan(3)
        expect(spans.filter((span) => isMarker(span) || isHeldSpan(span))).toEqual([])
        expect(sink.requests[0]?.headers.authorization).toBe("Bearer abc")
      }),
  )
})

describe.runIf(signalsReachProcesses)("watch without a command", () => {
  const alone = ["--otlp-port", "0"]

  it.live("says after a restart without the bug that it is gone", () =>
    Effect.gen(function* () {
      const watch = yield* watching(alone)
      const broken = yield* watchedServer(watch.otlp)
      yield* visit(`${broken.address}/event`)
      yield* watch.finding(({ state: is }) => is === "found")
      yield* stop(broken)
      const fixed = yield* watchedServer(watch.otlp, ["--fixed"])
      yield* watch.finding(({ state: is }) => is === "not judged yet")
      const reader = yield* StreamReader.open(`${fixed.address}/event`)
      yield* reader.frameCount(1)
      yield* reader.leave
      yield* watch.finding(({ state: is, judgedSince }) => is === "gone" && judgedSince === 1)
      yield* watch.written(/ run 2 of scopeline-sse \(pid \d+\)/)
      yield* watch.written(/ ✓ scope-closed-early is gone: 1 exchange of GET \/event judged\./)
    }),
  )

  it.live("shows what was open when its program was killed as last heard of, and as no leak", () =>
    Effect.gen(function* () {
      const watch = yield* watching(alone)
      const server = yield* watchedServer(watch.otlp, ["--fixed"])
      const reader = yield* StreamReader.open(`${server.address}/event`)
      yield* watch.row(({ state: is }) => is === "open")
      server.signal("SIGKILL")
      yield* reader.until(({ end }) => end !== "open")
      const rows = yield* watch.row(({ state: is }) => is === "last heard")
      expect(rows.map(({ lastHeardAt }) => lastHeardAt)).toEqual([expect.any(Number)])
      const { findings, held, runs } = yield* watch.snapshot
      expect([findings, held]).toEqual([[], []])
      expect(runs).toMatchObject([{ endedAt: expect.any(Number) }])
      expect((yield* stop(watch, "SIGINT")).code).toBe(0)
    }),
  )

  it.live("serves nothing to other sites, nor under other names", () =>
    Effect.gen(function* () {
      const watch = yield* watching(alone)
      for (const path of ["/", "/data", "/updates", "/report", "/exchange/a.b"]) {
        for (const headers of [{ host: "evil.example" }, { origin: "http://evil.example" }]) {
          expect((yield* asked(watch.page + path, { headers })).status, path).toBe(403)
        }
      }
      const page = yield* asked(`${watch.page}/`)
      expect(page.status).toBe(200)
      expect(page.headers["content-security-policy"]).toContain("default-src 'none'")
      expect((yield* watch.get("/exchange/a.b")).status).toBe(404)
    }),
  )

  it.live("takes spans on a free port if the Jaeger beside it has the usual one", () =>
    Effect.gen(function* () {
      yield* portTaken(4318)
      const watch = yield* watching(["--jaeger", "http://127.0.0.1:16686"])
      expect(watch.otlp).toMatch(/:\d+$/)
      expect(watch.otlp).not.toMatch(/:4318$/)
    }),
  )

  it.live("says that the usual port for spans is taken if no Jaeger explains it", () =>
    Effect.gen(function* () {
      yield* portTaken(4318)
      const command = yield* scopeline(["watch", "--port", "0"])
      yield* command.written(/Port 4318 on 127\.0\.0\.1 is already in use/)
      expect(yield* command.ended).toBe(2)
    }),
  )
})

/** Something listens there: this test, or else somebody before it. */
const portTaken = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = createServer()
      const taken = () => resume(Effect.succeed(server))
      server.once("error", taken).listen(port, "127.0.0.1", taken)
    }),
    (server) => Effect.sync(() => server.close()),
  )
