import type { Failure } from "./model.ts"

/**
 * Effect's message for a service that its context lacks (`Service not found: X`), and OpenCode's for a context
 * that its fiber lacks (`No context found for X`).
 */
const missing = /^(?:Service not found:|No context found for) ?(.+?)(?: \(.*)?$/m

/** The service or context that is missing, as a failure names it. */
export const missingContext = (failure: Failure | undefined): string | undefined =>
  failure === undefined ? undefined : missing.exec(failure.message)?.[1]?.trim()
