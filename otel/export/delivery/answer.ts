import { STATUS_CODES } from "node:http"
import { printable } from "../../timeline/printable.ts"

/** What became of a request with spans. */
export type Answer =
  /** Taken, but for those that the collector rejected; its reason may be empty. */
  | { readonly kind: "taken"; readonly rejected: number; readonly reason: string }
  /** The collector will never take them. */
  | { readonly kind: "refused"; readonly status: number; readonly reason: string }
  /** It takes none now, and may have said for how long. */
  | { readonly kind: "later"; readonly reason: string; readonly afterMillis: number | undefined }
  /** There was no connection, or it broke: it can be tried again. */
  | { readonly kind: "unreachable"; readonly reason: string }
  /** It has the spans, for all we know, and said nothing. */
  | { readonly kind: "silent"; readonly reason: string }

/** What a collector says with a status of 2xx. */
export interface PartialSuccess {
  readonly partialSuccess?: {
    /** A number of 64 bits is text in JSON. */
    readonly rejectedSpans?: unknown
    readonly errorMessage?: unknown
  }
}

/** A collector may say anything: nobody reads more than this of it. */
const longestReason = 300

export const reasonFrom = (text: unknown): string =>
  typeof text === "string" ? printable(text.trim(), longestReason) : ""

/** What it took of so many spans. */
export const takenOf = (spans: number, { partialSuccess }: PartialSuccess): Answer => {
  const rejected = Math.trunc(Number(partialSuccess?.rejectedSpans ?? 0))
  return {
    kind: "taken",
    rejected: rejected > 0 ? Math.min(rejected, spans) : 0,
    reason: reasonFrom(partialSuccess?.errorMessage),
  }
}

/** As the specification of OTLP has it. */
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

/** Of two addresses that refuse, the error has the reason inside. */
export const unreachableBy = (error: Error & { readonly code?: string }): Answer => {
  const [first] = error instanceof AggregateError ? error.errors : []
  const inside = first instanceof Error ? first.message : ""
  const reason = reasonFrom(error.message) || reasonFrom(inside) || error.code || "no connection"
  return { kind: "unreachable", reason }
}
