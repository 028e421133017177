import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { type Upload, Uploads } from "../../src/collector/uploads.ts"

const bytes = (count: number) => new Uint8Array(count)

/** The status of the refusal, or 200 where there was room. */
const statusOf = (uploads: Uploads, upload: Upload, count: number) =>
  uploads.keep(upload, bytes(count)).pipe(
    Effect.as(200),
    Effect.catch(({ status }) => Effect.succeed(status)),
  )

describe("what senders send at once", () => {
  it.effect("is refused with 429 and Retry-After only where all of it is more than the limit", () =>
    Effect.gen(function* () {
      const uploads = new Uploads(100)
      yield* uploads.use((first) =>
        uploads.use(
          Effect.fnUntraced(function* (second) {
            yield* uploads.keep(first, bytes(60))
            yield* uploads.keep(second, bytes(40))
            const refusal = yield* Effect.flip(uploads.keep(second, bytes(1)))
            deepStrictEqual([refusal.status, refusal.headers], [429, { "retry-after": "1" }])
          }),
        ),
      )
      strictEqual(uploads.refused, 1)
      strictEqual(yield* uploads.use((upload) => statusOf(uploads, upload, 100)), 200)
    }),
  )

  it.effect(
    "cuts off who has sent nothing for a second, the most silent first, and nobody else",
    () =>
      Effect.gen(function* () {
        let now = 0
        const uploads = new Uploads(100, () => now)
        const isCut = (upload: Upload) => Deferred.isDoneUnsafe(upload.cut)
        yield* uploads.use((silent) =>
          uploads.use((whole) =>
            uploads.use((busy) =>
              uploads.use(
                Effect.fnUntraced(function* (next) {
                  yield* uploads.keep(whole, bytes(20))
                  whole.isWhole = true
                  yield* uploads.keep(silent, bytes(40))
                  now = 900
                  yield* uploads.keep(busy, bytes(40))
                  now = 1_100
                  strictEqual(yield* statusOf(uploads, next, 40), 200)
                  deepStrictEqual([silent, whole, busy, next].map(isCut), [
                    true,
                    false,
                    false,
                    false,
                  ])
                  strictEqual(yield* statusOf(uploads, next, 40), 429)
                }),
              ),
            ),
          ),
        )
      }),
  )
})
