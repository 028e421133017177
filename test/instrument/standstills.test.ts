import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { ClientAbort } from "effect/http/HttpServerError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"
import { Standstills } from "../../otel/instrument/records/standstills.ts"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

/** Time passes when a test says so, and timers fire when it passes, unless the process stands still. */
class Process {
  now = 0
  isNeeded = true
  #ringsAt: number | undefined
  #ring = (): void => {}
  readonly standstills = new Standstills({
    now: () => this.now,
    grace: 1_000_000,
    isNeeded: () => this.isNeeded,
    makeAlarm: (ring) => {
      this.#ring = ring
      return {
        after: (millis) => {
          this.#ringsAt = this.now + millis * 1000
        },
      }
    },
  })

  runs(millis: number): void {
    const until = this.now + millis * 1000
    while (this.#ringsAt !== undefined && this.#ringsAt <= until) {
      this.now = Math.max(this.now, this.#ringsAt)
      this.#ringsAt = undefined
      this.#ring()
    }
    this.now = until
  }

  stands(millis: number): void {
    this.now += millis * 1000
  }

  get isWatched(): boolean {
    return this.#ringsAt !== undefined
  }

  since(moment = 0) {
    return this.standstills.since(moment, this.now)
  }
}

const grace = 400

const block = (millis: number) =>
  Effect.sync(() => {
    const end = performance.now() + millis
    while (performance.now() < end);
  })

const findings = Effect.map(Recording, (recording) => recording.findings.map(({ rule }) => rule))

describe("standstills of a process", () => {
  it("are none while it runs", () => {
    const process = new Process()
    process.standstills.watch()
    process.runs(5_000)
    strictEqual(process.since(), undefined)
  })

  it("are known while and after it stood still, but for what may have passed since it was seen", () => {
    const process = new Process()
    process.standstills.watch()
    process.runs(1_050)
    process.stands(3_000)
    deepStrictEqual(process.since(), { at: 4_050_000, lasted: 2_950_000 })
    process.runs(500)
    deepStrictEqual(process.since(), { at: 4_050_000, lasted: 2_950_000 })
    strictEqual(process.since(4_050_000), undefined)
  })

  it("add up where they follow each other, and are forgotten with time", () => {
    const process = new Process()
    process.standstills.watch()
    process.stands(600)
    process.runs(200)
    process.stands(600)
    process.runs(200)
    strictEqual(process.since()?.lasted, 1_000_000)
    process.runs(20_000)
    process.stands(600)
    strictEqual(process.since()?.lasted, 500_000)
  })

  it("are looked for while that is needed, and some time after", () => {
    const process = new Process()
    process.standstills.watch()
    process.isNeeded = false
    process.runs(9_000)
    strictEqual(process.isWatched, true)
    process.runs(2_000)
    strictEqual(process.isWatched, false)
    process.stands(60_000)
    strictEqual(process.since(), undefined)
    process.standstills.watch()
    strictEqual(process.isWatched, true)
  })
})

describe("what is late because the process stood still", () => {
  it.live("is no orphan", () =>
    Effect.gen(function* () {
      const handler = Effect.as(Effect.forkDetach(Effect.sleep(15)), HttpServerResponse.empty())
      yield* answer(handler)
      yield* Effect.sleep(5)
      yield* block(1.5 * grace)
      yield* Effect.sleep(grace)
      deepStrictEqual(yield* findings, [])
    }).pipe(Effect.provide(recorded({ grace }))),
  )

  it.live("is no deferred teardown", () =>
    Effect.gen(function* () {
      const slow = Stream.concat(Stream.make(1), Stream.never).pipe(
        Stream.ensuring(Effect.sleep(15)),
      )
      const leaving = new AbortController()
      const request = new Request("http://localhost/event", { signal: leaving.signal })
      const stream = Effect.sync(() => eventStream(slow))
      const exchange = yield* Effect.forkChild(answer(stream, "GET", "/event", request), {
        startImmediately: true,
      })
      leaving.abort()
      exchange.interruptUnsafe(undefined, ClientAbort.annotation)
      yield* Effect.sleep(1)
      yield* block(1.5 * grace)
      yield* Fiber.await(exchange)
      deepStrictEqual(yield* findings, [])
    }).pipe(Effect.provide(recorded({ grace }))),
  )
})
