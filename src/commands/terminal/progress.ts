import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Progress } from "../../recordings/diagnosis/diagnose-source.ts"
import { Screen } from "./screen.ts"

const pause = 100

type ShowProgress = (progress: Progress) => void

const erase = "\r\u001b[K"

/** Shows in one line how far reading is, if somebody sees it; the line goes away with the scope. */
export const progressLine: Effect.Effect<ShowProgress, never, Screen | Scope.Scope> = Effect.gen(
  function* () {
    const { status } = yield* Screen
    if (status === undefined) return () => {}
    const begun = performance.now()
    let shownAt = 0
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        if (shownAt > 0) status.write(erase)
      }),
    )
    return (progress: Progress) => {
      const now = performance.now()
      if (now - shownAt < pause) return
      shownAt = now
      status.write(erase + progressText(progress, now - begun))
    }
  },
)

/** `42 %  1,234,567 spans  310,000 spans/s`; from the second pass on, with the number of the pass. */
export const progressText = (
  { pass, bytes, size, spans, spansOfAll }: Progress,
  millis: number,
): string => {
  const share = size === undefined || size === 0 ? "" : `${Math.floor((100 * bytes) / size)} %  `
  const again = pass === 1 ? "" : `reading again (${pass})  `
  const rate = millis > 0 ? Math.round((1000 * spansOfAll) / millis) : 0
  return `${again}${share}${spans.toLocaleString("en-US")} spans  ${rate.toLocaleString("en-US")} spans/s`
}
