import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { tracedStream } from "../../otel/index.ts"
import { outcome } from "./outcome.ts"
import { recorded } from "./recording.ts"

const End = Schema.Literals(["success", "failure", "defect", "interrupt"])

const Chunks = Schema.Array(Schema.NonEmptyArray(Schema.Int).check(Schema.isMaxLength(3))).check(
  Schema.isMaxLength(4),
)

const end = (how: typeof End.Type): Stream.Stream<never, string> => {
  if (how === "success") return Stream.empty
  if (how === "failure") return Stream.fail("the end")
  if (how === "defect") return Stream.die("the end")
  return Stream.fromEffect(Effect.interrupt)
}

/** The chunks, then that end; says what happens to it. */
const source = (
  chunks: typeof Chunks.Type,
  how: typeof End.Type,
  log: Array<unknown>,
): Stream.Stream<number, string> =>
  Stream.fromIterable(chunks).pipe(
    Stream.flatMap((chunk) => Stream.fromArray(chunk)),
    Stream.concat(end(how)),
    Stream.onStart(Effect.sync(() => log.push("start"))),
    Stream.onExit((exit) => Effect.sync(() => log.push(["exit", outcome(exit)]))),
  )

type Traced = <A, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>

const untraced: Traced = (self) => self

/** Ways to run a stream; what they see of it. */
const runs = {
  chunks: (stream: Stream.Stream<number, string>) => Stream.runCollect(Stream.chunks(stream)),
  some: (stream: Stream.Stream<number, string>) => Stream.runCollect(Stream.take(stream, 2)),
  merged: (stream: Stream.Stream<number, string>) =>
    Stream.runCollect(Stream.merge(stream, Stream.make(7))).pipe(
      Effect.map((elements) => elements.toSorted()),
    ),
  repeated: (stream: Stream.Stream<number, string>) =>
    Stream.runCollect(Stream.concat(stream, stream)),
  buffered: (stream: Stream.Stream<number, string>) =>
    Stream.runCollect(Stream.buffer(stream, { capacity: 2 })),
  failing: (stream: Stream.Stream<number, string>) =>
    Stream.runForEach(stream, (element) => Effect.fail(`refused ${element}`)),
}

const run = Effect.fnUntraced(function* (traced: Traced, { chunks, how, way }: typeof Input.Type) {
  const log: Array<unknown> = []
  const fiber = yield* Effect.forkChild(runs[way](traced(source(chunks, how, log))))
  log.push(outcome(yield* Fiber.await(fiber)))
  return log
})

const Input = Schema.Struct({
  chunks: Chunks,
  how: End,
  way: Schema.Literals(["chunks", "some", "merged", "repeated", "buffered", "failing"]),
})

describe("a traced stream", () => {
  it.effect.prop("gives the chunks and the end of the stream that it traces", [Input], ([input]) =>
    Effect.gen(function* () {
      deepStrictEqual(yield* run(tracedStream("event"), input), yield* run(untraced, input))
    }).pipe(Effect.provide(recorded())),
  )

  it.effect.prop("gives the same where nothing is recorded", [Input], ([input]) =>
    Effect.gen(function* () {
      deepStrictEqual(yield* run(tracedStream("event"), input), yield* run(untraced, input))
    }),
  )

  it.effect.each([
    { where: "that waits", body: Stream.never },
    { where: "that has given an element", body: Stream.concat(Stream.make(1), Stream.never) },
    { where: "whose fibers wait", body: Stream.merge(Stream.never, Stream.never) },
  ])("$where is interrupted as the stream that it traces", ({ body }) =>
    Effect.gen(function* () {
      const interrupted = Effect.fnUntraced(function* (traced: Traced) {
        const log: Array<unknown> = []
        const watched = body.pipe(
          Stream.onExit((exit) => Effect.sync(() => log.push(outcome(exit)))),
        )
        const fiber = yield* Effect.forkChild(Stream.runDrain(traced(watched)), {
          startImmediately: true,
        })
        yield* Fiber.interrupt(fiber)
        log.push(outcome(yield* Fiber.await(fiber)))
        return log
      })
      deepStrictEqual(yield* interrupted(tracedStream("event")), yield* interrupted(untraced))
    }).pipe(Effect.provide(recorded())),
  )
})
