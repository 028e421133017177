import { randomBytes } from "node:crypto"
import { statSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Span } from "../../otel/lifetimes/span.ts"
import type { Figure } from "../figure.ts"
import { exchange } from "../traces.ts"
import { toldMost } from "./bar.ts"
import { manySpans, withReports } from "./reports.ts"

const one = fileURLToPath(
  new URL("../../docs/rules/scope-closed-early.otlp.jsonl", import.meta.url),
)

/** Exchanges of many routes that carry what cannot be compressed. */
const incompressible = (): ReadonlyArray<Span> =>
  Array.from({ length: 2_000 }, (_, index) =>
    exchange(index * 10).map((span) => ({
      ...span,
      attributes: {
        ...span.attributes,
        ...Object.fromEntries(
          Array.from({ length: 10 }, (_, key) => [`app.${key}`, randomBytes(200).toString("hex")]),
        ),
        ...(span.kind === "server" ? { "http.route": `/event/${index % 400}` } : {}),
      },
    })),
  ).flat()

/** How large files are, in kB. */
export const measureFiles = async (): Promise<ReadonlyArray<Figure>> =>
  withReports(async ({ ofFile, ofSpans }) => {
    const size = (file: string) => statSync(file).size / 1_000
    return [
      toldMost("file, one exchange", size(ofFile(one)), 150, "kB"),
      toldMost("file, 20,000 spans", size(ofSpans(manySpans())), 1_500, "kB"),
      toldMost("file, 2,000 exchanges of noise", size(ofSpans(incompressible())), 5_000, "kB"),
    ]
  })
