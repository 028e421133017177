import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { ReadingLog } from "./reading-log.ts"
import type { SpanSource } from "./source.ts"

/** Several sources read one after the other, as one recording. */
export const severalSources = <E, R>(
  sources: ReadonlyArray<SpanSource<E, R>>,
): SpanSource<E, R> => {
  const [first, ...others] = sources
  if (first !== undefined && others.length === 0) return first
  return {
    name: first === undefined ? "nothing" : `${first.name} and ${others.length} more`,
    size: sumOf(sources.map(({ size }) => size)),
    repeatable: sources.every(({ repeatable }) => repeatable),
    read: (log) =>
      Stream.fromIterable(sources).pipe(Stream.flatMap((source) => partOf(source, log))),
  }
}

const sumOf = (sizes: ReadonlyArray<number | undefined>): number | undefined => {
  let sum = 0
  for (const size of sizes) {
    if (size === undefined) return undefined
    sum += size
  }
  return sum
}

/** Notes about lines name their source. */
const partOf = <E, R>(source: SpanSource<E, R>, log: ReadingLog) =>
  Stream.suspend(() => {
    const own = new ReadingLog()
    const before = log.bytes
    return source.read(own).pipe(
      Stream.tap(() =>
        Effect.sync(() => {
          log.bytes = before + own.bytes
        }),
      ),
      Stream.ensuring(Effect.sync(() => log.addPart(own, source.name, before))),
    )
  })
