import { STATUS_CODES } from "node:http"
import { printable } from "../../timeline/printable.ts"

/** What became of a request with spans. */
export type Answer =
  /** Taken, except those that the collector rejected; its reason may be empty. */
  | { readonly kind: "taken"; readonly rejected: number; readonly reason: string }
  /** The collector will never take them. */
  | { readonly kind: "refused"; readonly status: number; readonly reason: string }
  /** It takes none now, and may have said for how long. */
  | { readonly kind: "later"; readonly reason: string; readonly afterMillis: number | undefined }
  /** There was no connection, or it broke, perhaps after the request had arrived: it can be tried again. */
  | { readonly kind: "unreachable"; readonly reason: string; readonly mayHaveArrived: boolean }
  /** It probably has the spans, but it did not answer. */
  | { readonly kind: "silent"; readonly reason: string }

/** A collector may send anything: we read no more than this. */
const longestReason = 300

export const reasonFrom = (text: unknown): string =>
  typeof text === "string" ? printable(text.trim(), longestReason) : ""

/** How many spans it took, by its answer with a status of 2xx, which may say anything. */
export const takenOf = (spans: number, said: unknown): Answer => {
  const partialSuccess = fieldOf(said, "partialSuccess")
  const rejected = Math.trunc(Number(fieldOf(partialSuccess, "rejectedSpans") ?? 0)) // text in JSON
  return {
    kind: "taken",
    rejected: rejected > 0 ? Math.min(rejected, spans) : 0,
    reason: reasonFrom(fieldOf(partialSuccess, "errorMessage")),
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined

/** As the specification of OTLP defines it. */
const temporary: ReadonlyArray<number> = [429, 502, 503, 504]

export const refusalBy = (status: number, retryAfter: string | undefined): Answer => {
  const reason = `${status} ${STATUS_CODES[status] ?? ""}`.trim()
  return temporary.includes(status)
    ? { kind: "later", reason, afterMillis: millisUntil(retryAfter) }
    : { kind: "refused", status, reason }
}

/** Seconds or a date. */
const millisUntil = (retryAfter: string | undefined): number | undefined => {
  if (retryAfter === undefined) return undefined
  const seconds = Number(retryAfter)
  const millis = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000
  return Number.isFinite(millis) ? Math.max(millis, 0) : undefined
}

/** If two addresses refuse, the reason is inside the error. */
export const unreachableBy = (
  error: Error & { readonly code?: string },
  mayHaveArrived: boolean,
): Answer => {
  const [first] = error instanceof AggregateError ? error.errors : []
  const inside = first instanceof Error ? first.message : ""
  const reason = reasonFrom(error.message) || reasonFrom(inside) || error.code || "no connection"
  return { kind: "unreachable", reason, mayHaveArrived }
}
