import type { ComparedVariant } from "../../comparison/comparison.ts"

/** The variants of the stream side by side, as `compare --json` prints them. */
export const variantsJson = (compared: ReadonlyArray<ComparedVariant>, expected: boolean) => ({
  ...Object.fromEntries(
    compared.map(({ variant, traceId, seen, eventsPublished, eventsReceived, diagnosis }) => [
      variant,
      {
        traceId,
        streamMs: rounded(seen.streamMs),
        endedBy: seen.endedBy,
        eventsPublished,
        eventsReceived,
        findings: diagnosis.findings,
      },
    ]),
  ),
  verdict: expected ? "as-expected" : "unexpected",
})

/** To the microsecond: more was not measured. */
const rounded = (millis: number | undefined): number | undefined =>
  millis === undefined ? undefined : Math.round(millis * 1000) / 1000
