import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { tracedScope } from "../../otel/index.ts"
import type { ExchangeRecord } from "../../otel/instrument/records/record.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { handledIn } from "../../otel/lifetimes/handled-in.ts"
import { answer, eventStream, type Handler } from "./exchange.ts"
import { recorded } from "./recording.ts"

const file = fileURLToPath(import.meta.url)

/** The first line of this file with that code. */
const lineOf = (code: string): number =>
  readFileSync(file, "utf8")
    .split("\n")
    .findIndex((text) => text.includes(code)) + 1

/** Where the innermost scope that is open now was opened. */
const place = Effect.map(Registry, ({ scopes }) => [...scopes].at(-1)?.code)

const holding = Effect.andThen(
  Effect.addFinalizer(() => Effect.void),
  place,
)

const inside = Effect.fn("inside")(function* () {
  return yield* Effect.scoped(holding)
})

const asked = Effect.fn("asked")(function* () {
  return yield* holding.pipe(tracedScope("asked"))
})

const around = Effect.fn("around")(function* () {
  return yield* holding
})

const greet = Effect.fn("greet")(function* () {
  return yield* Effect.succeed(HttpServerResponse.empty())
})

describe("a scope of the program", () => {
  it.effect("is not called after a function of a handler that is given it", () =>
    Effect.gen(function* () {
      const handled = Effect.gen(function* () {
        const program = yield* Effect.scope
        yield* answer(Scope.provide(greet(), program))
        return (yield* Registry).recordOf(program)?.name
      })
      expect(yield* Effect.scoped(handled)).toBe("unnamed scope")
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a scope without a name", () => {
  const nameOf = Effect.map(Registry, ({ scopes }) => [...scopes].at(-1)?.name)

  it.effect(
    "is not called after a function that is called in it, before or after something is acquired",
    () =>
      Effect.gen(function* () {
        const before = Effect.gen(function* () {
          yield* greet()
          yield* Effect.addFinalizer(() => Effect.void)
          return [yield* nameOf, yield* place]
        })
        const after = Effect.gen(function* () {
          yield* Effect.addFinalizer(() => Effect.void)
          yield* greet()
          return [yield* nameOf, yield* place]
        })
        for (const handler of [before, after]) {
          expect(yield* Effect.scoped(handler).pipe(Effect.scoped)).toEqual([
            "unnamed scope",
            undefined,
          ])
        }
      }).pipe(Effect.scoped, Effect.provide(recorded())),
  )
})

describe("a scope is said to be opened", () => {
  it.effect("where the function is defined that opened it", () =>
    Effect.gen(function* () {
      const code = yield* inside()
      expect(code).toEqual({ function: "inside", file, line: lineOf('Effect.fn("inside")') })
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("there too where it was asked for", () =>
    Effect.gen(function* () {
      const code = yield* asked()
      expect(code).toEqual({ function: "asked", file, line: lineOf('Effect.fn("asked")') })
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("where the function is called that it was opened around", () =>
    Effect.gen(function* () {
      const code = yield* Effect.scoped(around())
      expect(code).toEqual({ function: "around", file, line: lineOf("Effect.scoped(around())") })
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("and says so: what opened it may stand far away, as a middleware does", () =>
    Effect.gen(function* () {
      const isAround = Effect.map(Registry, ({ scopes }) => [...scopes].at(-1)?.isAroundCall)
      const used = Effect.andThen(
        Effect.addFinalizer(() => Effect.void),
        isAround,
      )
      const called = Effect.fn("called")(() => used)
      const opening = Effect.fn("opening")(() => Effect.scoped(used))
      expect([yield* Effect.scoped(called()), yield* opening()]).toEqual([true, false])
    }).pipe(Effect.scoped, Effect.provide(recorded())),
  )

  it.effect("where the span stands that it was opened in", () =>
    Effect.gen(function* () {
      const spanned = Effect.scoped(holding).pipe(Effect.withSpan("spanned"))
      expect(yield* spanned).toEqual({
        function: "spanned",
        file,
        line: lineOf('Effect.withSpan("spanned")'),
      })
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("where a function is defined without a name too", () =>
    Effect.gen(function* () {
      const nameless = Effect.fn(function* () {
        return yield* Effect.scoped(holding)
      })
      expect(yield* nameless()).toMatchObject({ file, line: lineOf("Effect.fn(function*") })
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a request is said to be handled", () => {
  const authorize = Effect.fn("authorize")(function* () {
    yield* Effect.void
  })
  const guarded = Effect.fn("guarded")(function* () {
    yield* authorize()
    return yield* greet()
  })
  const read = Effect.fn("read")((event: string) => Effect.succeed(event))

  const handledBy = (handler: Handler) =>
    Effect.gen(function* () {
      let handled: ExchangeRecord | undefined
      const { exchanges } = yield* Registry
      const note = Effect.sync(() => {
        handled = [...exchanges].at(-1)
      })
      yield* answer(Effect.andThen(note, handler))
      return handled && handledIn(handled)?.function
    }).pipe(Effect.provide(recorded()))

  it.effect("in the innermost function that gave its response", () =>
    Effect.gen(function* () {
      expect(yield* handledBy(greet())).toBe("greet")
      expect(yield* handledBy(guarded())).toBe("greet")
      expect(yield* handledBy(Effect.andThen(authorize(), greet()))).toBe("greet")
      const three = Effect.andThen(authorize(), Effect.tap(greet(), authorize()))
      expect(yield* handledBy(three)).toBe("greet")
      const withHeader = Effect.map(greet(), HttpServerResponse.setHeader("x-by", "greet"))
      expect(yield* handledBy(withHeader)).toBe("greet")
    }),
  )

  it.effect("in none that only helped", () =>
    Effect.gen(function* () {
      expect(yield* handledBy(Effect.as(authorize(), HttpServerResponse.empty()))).toBeUndefined()
      expect(
        yield* handledBy(Effect.tap(Effect.succeed(HttpServerResponse.empty()), authorize())),
      ).toBeUndefined()
    }),
  )

  it.effect("and not in what its body calls", () =>
    Effect.gen(function* () {
      const events = Stream.mapEffect(Stream.make("one", "two"), read)
      expect(yield* handledBy(Effect.succeed(eventStream(events)))).toBeUndefined()
      expect(yield* handledBy(Effect.as(greet(), eventStream(events)))).toBeUndefined()
    }),
  )
})
