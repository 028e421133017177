import { match, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { encodeJson } from "../../../src/otlp/encode.ts"
import { brokenTrace } from "../../collector/broken-trace.ts"
import { broken, fixed } from "../../lifetimes/spans.ts"
import { hexOf, spanOf } from "../../otlp/spans.ts"
import { runCommand, scopeline } from "../../support/command.ts"
import { portOf } from "../../support/event-server.ts"
import { listening } from "../../support/jaeger-stand-in.ts"
import { canMount, smallDisk } from "../../support/small-disk.ts"
import { stop } from "../../support/stop.ts"

const collect = (...words: ReadonlyArray<string>) => scopeline(["collect", ...words])

const send = (url: string, body: string) =>
  Effect.promise(() =>
    fetch(`${url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    }),
  )

describe("collect", () => {
  it.live(
    "prints its address, each finding once without control characters, and what it received",
    () =>
      Effect.gen(function* () {
        const command = yield* collect("--port", "0")
        const url = yield* command.written(/Listening on (http:\/\/127\.0\.0\.1:\d+) /)
        const hostile = "red \u001b[31m and \u0007 bell"
        yield* send(url, encodeJson(brokenTrace(1, "/event", hostile)))
        yield* command.written(/scope-closed-early/)
        yield* send(url, encodeJson(brokenTrace(2, "/event", hostile)))
        strictEqual((yield* stop(command)).code, 1)
        strictEqual(command.output().split("scope-closed-early ·").length, 2)
        const summary =
          "Read 4 spans of 2 traces: 2 exchanges judged, 1 finding (scope-closed-early).\n"
        ok(command.stdout().endsWith(summary), command.stdout())
        strictEqual(command.output().includes("\u001b"), false)
        strictEqual(command.output().includes("\u0007"), false)
      }),
    15_000,
  )

  it.live(
    "says at its end that it has received nothing, and what may be why",
    () =>
      Effect.gen(function* () {
        const command = yield* collect("--port", "0")
        yield* command.written(/Listening on /)
        strictEqual((yield* stop(command)).code, 0)
        match(command.output(), /Received no spans\. Does the program send them here/)
      }),
    15_000,
  )

  it.live(
    "exits with 0 where it found no problems, and says so as diagnose does",
    () =>
      Effect.gen(function* () {
        const command = yield* collect("--port", "0")
        const url = yield* command.written(/Listening on (http:\/\/127\.0\.0\.1:\d+) /)
        yield* send(url, encodeJson(fixed))
        strictEqual((yield* stop(command)).code, 0)
        ok(command.stdout().endsWith(": 1 exchange judged, no problems found.\n"), command.stdout())
      }),
    15_000,
  )

  it.live(
    "counts a finding that it has printed when the trace became too large to keep, and exits with 1",
    () =>
      Effect.gen(function* () {
        const command = yield* collect("--port", "0", "--memory", "16MiB")
        const url = yield* command.written(/Listening on (http:\/\/127\.0\.0\.1:\d+) /)
        yield* send(url, encodeJson(broken))
        yield* command.written(/scope-closed-early/)
        const traceId = broken[0]?.traceId ?? ""
        const attributes = { padding: "x".repeat(10 * 1024) }
        const more = Array.from({ length: 1_000 }, (_, index) =>
          spanOf({ traceId, spanId: hexOf(0xf00 + index, 16), attributes }),
        )
        yield* send(url, encodeJson(more))
        strictEqual((yield* stop(command)).code, 1)
        match(
          command.stdout(),
          /1 finding above is not counted below: spans of it were dropped\.\n/,
        )
      }),
    15_000,
  )

  it.live(
    "says in one line that its port is in use, and exits with 2",
    () =>
      Effect.gen(function* () {
        const taken = yield* listening(() => {})
        const command = yield* collect("--port", String(portOf(taken)))
        strictEqual(yield* command.ended, 2)
        match(command.output(), /^Port \d+ on 127\.0\.0\.1 is already in use: .+\n$/)
      }),
    15_000,
  )

  it.live(
    "says in one line that a file cannot be written, and exits with 2",
    () =>
      Effect.gen(function* () {
        const command = yield* collect("--port", "0", "--out", "/no/such/folder/spans.jsonl")
        strictEqual(yield* command.ended, 2)
        match(command.output(), /^Cannot append to \/no\/such\/folder\/spans\.jsonl .+\n$/)
      }),
    15_000,
  )

  it.live.skipIf(!canMount)(
    "says that the disk of --out is full, counts what is missing there, and exits with 1",
    () =>
      Effect.gen(function* () {
        const disk = yield* smallDisk(64)
        const file = `${disk}/spans.jsonl`
        const command = yield* collect("--port", "0", "--out", file)
        const url = yield* command.written(/Listening on (http:\/\/127\.0\.0\.1:\d+) /)
        const padding = { padding: "x".repeat(40 * 1024) }
        const large = [1, 2].map((number) =>
          encodeJson([spanOf({ spanId: hexOf(number, 16), attributes: padding })]),
        )
        for (const body of large) yield* send(url, body)
        yield* command.written(/Cannot write spans to \S+: no space left on device\.\n/)
        yield* send(url, encodeJson(brokenTrace(1)))
        yield* command.written(/Writing spans to \S+ again: 1 span is missing there\.\n/)
        strictEqual((yield* stop(command)).code, 1)
        match(command.stdout(), /1 span could not be written: no space left on device\.\n/)
        const { code, stdout } = yield* Effect.promise(() => runCommand(["diagnose", file]))
        strictEqual(code, 1)
        match(stdout, /Read 3 spans of 2 traces/)
        strictEqual(stdout.includes("could not be used"), false)
      }),
    15_000,
  )
})
