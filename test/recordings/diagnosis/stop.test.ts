import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect, it } from "vitest"
import { diagnoseSource } from "../../../src/recordings/diagnosis/diagnose-source.ts"
import { type SpanSource, UnreadableSource } from "../../../src/recordings/source.ts"
import { broken, fixed, renamed } from "../../lifetimes/spans.ts"
import { linesOf, rulesOf, textSource } from "../recording.ts"

const partial = "Reading was stopped before the end: this is what was found so far."

const followedBy = <E>(rest: Stream.Stream<never, E>): SpanSource<E | UnreadableSource> => {
  const source = textSource(linesOf(broken, renamed(fixed, 1)))
  return { ...source, read: (log) => Stream.concat(source.read(log), rest) }
}

describe("reading that is stopped", () => {
  it("gives what was found so far, and says that it is not all", async () => {
    const diagnosis = await Effect.runPromise(
      Effect.gen(function* () {
        const stop = yield* Deferred.make<void>()
        return yield* diagnoseSource(followedBy(Stream.never), {
          stop: Deferred.await(stop),
          onProgress: ({ spans }) => {
            if (spans === 12) Deferred.doneUnsafe(stop, Effect.void)
          },
        })
      }),
    )
    expect(rulesOf(diagnosis)).toEqual([["scope-closed-early", 1]])
    expect(diagnosis).toMatchObject({ traces: 2, isPartial: true, notes: [partial] })
  })

  it("does the same where the source breaks off", async () => {
    const broke = Stream.fail(new UnreadableSource({ message: "the disk is gone" }))
    const diagnosis = await Effect.runPromise(
      diagnoseSource(followedBy(broke), { keepTraces: true }),
    )
    expect(rulesOf(diagnosis)).toEqual([["scope-closed-early", 1]])
    expect(diagnosis.kept.map(({ spans }) => spans.length)).toEqual([broken.length, fixed.length])
    expect(diagnosis).toMatchObject({ isPartial: true, notes: [partial, "the disk is gone"] })
  })
})
