import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Span } from "../../otel/lifetimes/span.ts"
import { encodeJson } from "../../src/otlp/encode.ts"
import {
  diagnoseSource,
  type SourceDiagnosis,
  type SourceSettings,
} from "../../src/recordings/diagnosis/diagnose-source.ts"
import { spansOfText } from "../../src/recordings/formats/spans-of-text.ts"
import type { SpanSource, UnreadableSource } from "../../src/recordings/source.ts"

/** One export request a line. */
export const linesOf = (...requests: ReadonlyArray<ReadonlyArray<Span>>): string =>
  requests.map((spans) => `${encodeJson(spans)}\n`).join("")

export const capture = (version: string): string =>
  `test/fixtures/captures/opencode-${version}.otlp.jsonl`

export const jaegerFixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/jaeger-api/${name}`, import.meta.url), "utf8")

interface TextSource extends SpanSource<UnreadableSource> {
  /** How often it was read from the start. */
  readonly timesRead: () => number
}

/** A recording whose bytes come in pieces of that size. */
export const textSource = (
  text: string | Uint8Array,
  { repeatable = true, piece = 64 * 1024 } = {},
): TextSource => {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, index) =>
    bytes.subarray(index * piece, (index + 1) * piece),
  )
  let timesRead = 0
  return {
    name: "recording",
    size: bytes.length,
    repeatable,
    read: (log) => {
      timesRead += 1
      return spansOfText("recording", Stream.fromIterable(pieces), log)
    },
    timesRead: () => timesRead,
  }
}

export const diagnosed = (
  text: string | Uint8Array,
  settings: SourceSettings = {},
): Promise<SourceDiagnosis> => Effect.runPromise(diagnoseSource(textSource(text), settings))

/** Why nothing could be read. */
export const refused = (text: string | Uint8Array): Promise<string> =>
  diagnoseSource(textSource(text)).pipe(
    Effect.flip,
    Effect.map(({ message }) => message),
    Effect.runPromise,
  )

export const found = ({ findings }: SourceDiagnosis) => findings.map(({ finding }) => finding)

export const rulesOf = (diagnosis: SourceDiagnosis) =>
  found(diagnosis).map(({ rule, count }) => [rule, count])
