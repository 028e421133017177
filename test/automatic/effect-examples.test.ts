import { globSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { outcome } from "../instrument/outcome.ts"
import { Recording, recorded } from "../instrument/recording.ts"

const examples = fileURLToPath(new URL("../../node_modules/effect/ai-docs/src/", import.meta.url))

const files = globSync(["03_stream/*.ts", "01_effect/07_pubsub/*.ts"], { cwd: examples })

/** What a module exports; where it cannot be loaded here, nothing, and why is printed. */
const exported = async (file: string): Promise<ReadonlyArray<readonly [string, unknown]>> => {
  try {
    const module: object = await import(pathToFileURL(examples + file).href)
    return Object.entries(module)
  } catch (error) {
    console.info(`skipped: the example ${file}, which cannot be loaded here: ${String(error)}`)
    return []
  }
}

const nothing = Context.makeUnsafe<unknown>(new Map())

/** A program out of what an example exports, as far as that is one. */
const programOf = (value: unknown): Effect.Effect<unknown, unknown> | undefined => {
  if (Stream.isStream(value)) {
    return value.pipe(Stream.take(5), Stream.runCollect, Effect.provideContext(nothing))
  }
  return Effect.isEffect(value) ? Effect.provideContext(value, nothing) : undefined
}

/** Runs it for an hour; gives how it has ended, by itself or by being interrupted. */
const run = Effect.fnUntraced(function* (program: Effect.Effect<unknown, unknown>) {
  const fiber = yield* Effect.forkChild(program, { startImmediately: true })
  yield* TestClock.adjust("1 hour")
  yield* Effect.promise(() => new Promise(setImmediate)) // what waits for no clock but the machine
  yield* Fiber.interrupt(fiber)
  return outcome(yield* Fiber.await(fiber))
})

describe("examples of Effect's own guide", () => {
  it.effect("do the same under the Layer, which finds nothing in them", () =>
    Effect.gen(function* () {
      let programs = 0
      for (const file of files) {
        for (const [name, value] of yield* Effect.promise(() => exported(file))) {
          const program = programOf(value)
          if (program === undefined) continue
          programs++
          const plain = yield* run(program)
          const { watched, findings } = yield* Effect.gen(function* () {
            const { findings } = yield* Recording
            return { watched: yield* run(program), findings }
          }).pipe(Effect.provide(recorded(), { local: true }))
          expect([file, name, watched, findings]).toEqual([file, name, plain, []])
        }
      }
      expect(programs).toBeGreaterThan(20)
    }),
  )
})
