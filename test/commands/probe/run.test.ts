import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { runCommand } from "../../support/command.ts"
import { eventServer, portOf } from "../../support/event-server.ts"
import { Findings } from "../../support/findings.ts"
import { listening } from "../../support/jaeger-stand-in.ts"
import { refusingAddress } from "../../support/silent-server.ts"

const Millis = Schema.NullOr(Schema.Finite)
const Counts = Schema.Record(Schema.String, Schema.Int)
const visit = {
  url: Schema.String,
  connections: Schema.Array(
    Schema.Struct({
      status: Schema.NullOr(Schema.Int),
      contentEncoding: Schema.NullOr(Schema.String),
      redirectedTo: Schema.Array(Schema.String),
      firstByteMs: Millis,
      firstEventMs: Millis,
      streamMs: Millis,
      silentMs: Millis,
      endedBy: Schema.Literals(["client", "server", "shutdown", "error"]),
      events: Counts,
    }),
  ),
}
const said = { findings: Findings, notes: Schema.Array(Schema.String) }
const exactly = { onExcessProperty: "error" } as const
const decodeAlone = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ ...visit, ...said })),
  exactly,
)
const decodeCompared = Schema.decodeUnknownSync(
  Schema.fromJsonString(
    Schema.Struct({
      ...visit,
      baseline: Schema.Struct(visit),
      difference: Schema.Struct({ missing: Counts, extra: Counts }),
      ...said,
    }),
  ),
  exactly,
)

const run = (...words: ReadonlyArray<string>) =>
  Effect.promise(() => runCommand(["probe", ...words]))

describe.concurrent("scopeline probe", () => {
  it.live(
    "prints one JSON document about the broken stream and exits with 1",
    () =>
      Effect.gen(function* () {
        const url = `${yield* eventServer({ variant: "broken" })}/event`
        const { code, stdout, stderr } = yield* run(url, "--json")
        expect({ code, stderr }).toEqual({ code: 1, stderr: "" })
        const document = decodeAlone(stdout)
        expect(document).toMatchObject({ url, notes: [] })
        expect(document.connections).toMatchObject([
          { status: 200, endedBy: "server", events: { "server.connected": 1 } },
        ])
        expect(document.findings.map(({ rule }) => rule)).toEqual(["server-ended-stream"])
      }),
    30_000,
  )

  it.live(
    "compares with a baseline in the same document, and exits with 1 where they differ",
    () =>
      Effect.gen(function* () {
        const url = `${yield* eventServer({ variant: "broken" })}/event`
        const baseline = `${yield* eventServer()}/event`
        const trigger = 'POST /event {"type":"permission.asked","properties":{}}'
        const words = [url, "--baseline", baseline, "--trigger", trigger, "--hold", "100ms"]
        const { code, stdout } = yield* run(...words, "--json", "--expect-end")
        const document = decodeCompared(stdout)
        expect(code).toBe(1)
        expect(document).toMatchObject({ findings: [], baseline: { url: baseline } })
        expect(document.difference).toEqual({ missing: { "permission.asked": 1 }, extra: {} })
        const text = yield* run(...words)
        expect(text.stdout).toMatch(
          /Missing, which the baseline received:\n {2}1 permission\.asked/,
        )
      }),
    30_000,
  )

  it.live(
    "prints a line for each connection to the fixed stream and exits with 0",
    () =>
      Effect.gen(function* () {
        const url = `${yield* eventServer()}/event`
        const { code, stdout, stderr } = yield* run(url, "--connections", "25", "--hold", "200ms")
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
        expect(stdout).toContain(`${url}: 25 connections\n`)
        expect(stdout.match(/^ {2}200 · first byte .* · left after [\d.]+ m?s/gm)).toHaveLength(20)
        expect(stdout).toContain("Times are the client's own: they count from its request.")
        expect(stdout).toContain("and 5 more")
      }),
    30_000,
  )

  it.live(
    "shows no control character of a server to the terminal, in text or in JSON",
    () =>
      Effect.gen(function* () {
        const type = "red \u001b[31m \u0007 \u009b31m \u202e"
        const address = yield* listening((_, response) => {
          response.writeHead(200, { "content-type": "text/event-stream" })
          response.end(`data: ${JSON.stringify({ type })}\n\n`)
        })
        const { stdout: text } = yield* run(address)
        expect(text).toContain("red \\u001b[31m \\u0007 \\u009b31m \\u202e")
        const { stdout: json } = yield* run(address, "--json")
        expect(decodeAlone(json).connections[0]?.events).toEqual({ [type]: 1 })
        for (const printed of [text, json])
          expect(printed).not.toMatch(/[\u001b\u0007\u009b\u202e]/)
      }),
    30_000,
  )

  it.live(
    "opens its receiver on the port that it was given, and says that no spans came",
    () =>
      Effect.gen(function* () {
        const url = `${yield* eventServer()}/event`
        const port = String(portOf(yield* refusingAddress))
        const words = [url, "--collect", port, "--hold", "100ms", "--wait", "300ms"]
        const { code, stdout, stderr } = yield* run(...words, "--json")
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
        expect(decodeAlone(stdout).notes).toEqual([
          expect.stringContaining("This server sends no server spans"),
        ])
      }),
    30_000,
  )

  it.live(
    "shows what came without compression where that holds events back",
    () =>
      Effect.gen(function* () {
        const address = yield* listening((request, response) => {
          const isCompressed = request.headers["accept-encoding"] !== undefined
          response.writeHead(200, {
            "content-type": "text/event-stream",
            ...(isCompressed ? { "content-encoding": "gzip" } : {}),
          })
          if (isCompressed) response.flushHeaders()
          else response.write("event: tick\ndata: 1\n\n")
        })
        const words = [`${address}/sse`, "--hold", "100ms"]
        const { code, stdout } = yield* run(...words)
        expect(code).toBe(1)
        expect(stdout).toMatch(/ 200 · gzip · left after .* · no events/)
        expect(stdout).toMatch(/One more, which accepts no compression: 200 · [^:]* · 1 tick/)
        expect(stdout).toContain("compression-holds-events · error · likely · once")
        const { stdout: json } = yield* run(...words, "--json")
        expect(JSON.parse(json)).toMatchObject({
          connections: [{ contentEncoding: "gzip", events: {} }],
          withoutCompression: { contentEncoding: null, events: { tick: 1 } },
        })
        const { stdout: markdown } = yield* run(...words, "--markdown", "-")
        expect(markdown).toContain("docs/cli.md of Scopeline")
      }),
    30_000,
  )

  it.live(
    "says in one line what is wrong with its input, and exits with 2",
    () =>
      Effect.gen(function* () {
        const refusing = `${yield* refusingAddress}/event`
        const taken = yield* listening(() => {})
        const inputs: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
          [[refusing], `${refusing} does not answer (ECONNREFUSED)`],
          [["event", "--connections", "0"], "an http or https address is expected"],
          [[refusing, "--trigger", "POST /session {"], "what follows the path is no JSON"],
          [[refusing, "--collect", String(portOf(taken))], "choose another with --collect"],
          [[refusing, "--header", "no colon"], "a header is expected"],
          [[refusing, "--header", "a: \u001b[31m"], "a header is expected"],
          [[refusing, "--method", "connect"], "a method of HTTP is expected"],
        ]
        for (const [words, reason] of inputs) {
          const { code, stdout, stderr } = yield* run(...words)
          expect({ code, stderr: stderr.trim().split("\n") }).toEqual({
            code: 2,
            stderr: [expect.stringContaining(reason)],
          })
          expect(stdout).toBe("")
        }
      }),
    60_000,
  )
})
