import type { Span } from "../../otel/lifetimes/span.ts"
import { linesOf } from "./recording.ts"

/** Numbers that follow from the first one. */
const numbersFrom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Some of the spans twice, in some order, on lines of some length. */
export const disordered = (spans: ReadonlyArray<Span>, seed: number): string => {
  const below = numbersFrom(seed)
  const left = [...spans, ...spans.filter(() => below(4) === 0)]
  const lines: Array<string> = []
  while (left.length > 0) {
    const size = 1 + below(8)
    lines.push(
      linesOf(Array.from({ length: size }).flatMap(() => left.splice(below(left.length), 1))),
    )
  }
  return lines.join("")
}
