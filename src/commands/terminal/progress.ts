import type { Progress } from "../../recordings/diagnosis/diagnose-source.ts"

const pause = 100

/** A line that tells how far reading is, where somebody sees it. */
export interface ProgressLine {
  readonly show: (progress: Progress) => void
  /** Takes the line away. */
  readonly clear: () => void
}

const silent: ProgressLine = { show: () => {}, clear: () => {} }

const erase = "\r\u001b[K"

export const progressLine = (stderr: NodeJS.WriteStream): ProgressLine => {
  if (stderr.isTTY !== true) return silent
  const begun = performance.now()
  let shownAt = 0
  return {
    show: (progress) => {
      const now = performance.now()
      if (now - shownAt < pause) return
      shownAt = now
      stderr.write(erase + progressText(progress, now - begun))
    },
    clear: () => {
      if (shownAt > 0) stderr.write(erase)
    },
  }
}

/** `42 %  1,234,567 spans  310,000 spans/s`; of the second time on, which time it is. */
export const progressText = (
  { pass, bytes, size, spans, spansOfAll }: Progress,
  millis: number,
): string => {
  const share = size === undefined || size === 0 ? "" : `${Math.floor((100 * bytes) / size)} %  `
  const again = pass === 1 ? "" : `reading again (${pass})  `
  const rate = millis > 0 ? Math.round((1000 * spansOfAll) / millis) : 0
  return `${again}${share}${spans.toLocaleString("en-US")} spans  ${rate.toLocaleString("en-US")} spans/s`
}
