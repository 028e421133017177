import type { Failure } from "./model.ts"

/**
 * What Effect says of a service that its context lacks (`Service not found: X`), and OpenCode of a
 * context that its fiber lacks (`No context found for X`).
 */
const missing = /^(?:Service not found:|No context found for) ?(.+?)(?: \(.*)?$/m

/** The service or context that a failure says is missing. */
export const missingContext = (failure: Failure | undefined): string | undefined =>
  failure === undefined ? undefined : missing.exec(failure.message)?.[1]?.trim()
