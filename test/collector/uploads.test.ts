import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { type Upload, Uploads } from "../../src/collector/uploads.ts"

const bytes = (count: number) => new Uint8Array(count)

describe("what senders send at once", () => {
  it.effect("is refused only where all of it is more than the limit", () =>
    Effect.gen(function* () {
      const uploads = new Uploads(100)
      yield* uploads.use((first) =>
        uploads.use(
          Effect.fnUntraced(function* (second) {
            yield* uploads.keep(first, bytes(60))
            yield* uploads.keep(second, bytes(40))
            deepStrictEqual([first.isRefused, second.isRefused], [false, false])
            yield* uploads.keep(second, bytes(1))
            deepStrictEqual([first.isRefused, second.isRefused], [false, true])
            yield* uploads.keep(second, bytes(90))
            yield* uploads.keep(first, bytes(40))
            deepStrictEqual([first.isRefused, second.chunks], [false, []])
          }),
        ),
      )
      strictEqual(uploads.refused, 1)
    }),
  )

  it.effect(
    "cuts off who has sent nothing for four ticks, the most silent first, and nobody else",
    () =>
      Effect.gen(function* () {
        const uploads = new Uploads(100)
        const tick = (times: number) => {
          for (let count = 0; count < times; count++) uploads.tick()
        }
        const isCut = (upload: Upload) => Deferred.isDoneUnsafe(upload.cut)
        yield* uploads.use((silent) =>
          uploads.use((whole) =>
            uploads.use((busy) =>
              uploads.use(
                Effect.fnUntraced(function* (next) {
                  yield* uploads.keep(whole, bytes(20))
                  whole.isWhole = true
                  yield* uploads.keep(silent, bytes(40))
                  tick(3)
                  yield* uploads.keep(busy, bytes(40))
                  tick(1)
                  yield* uploads.keep(next, bytes(40))
                  deepStrictEqual([silent, whole, busy, next].map(isCut), [
                    true,
                    false,
                    false,
                    false,
                  ])
                  strictEqual(next.isRefused, false)
                  yield* uploads.keep(next, bytes(40))
                  strictEqual(next.isRefused, true)
                  strictEqual(uploads.refused, 2)
                }),
              ),
            ),
          ),
        )
      }),
  )

  it.effect("is told to who shares the memory with it", () =>
    Effect.gen(function* () {
      const told: Array<number> = []
      const uploads = new Uploads(100, (size) => Effect.sync(() => void told.push(size)))
      yield* uploads.use((upload) => uploads.keep(upload, bytes(30)))
      deepStrictEqual(told, [30, 0])
    }),
  )
})
