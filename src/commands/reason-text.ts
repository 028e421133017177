import type * as PlatformError from "effect/PlatformError"

/** Why the system refused something, in its own words if it gives any. */
export const reasonText = (reason: PlatformError.PlatformError["reason"]): string =>
  reason.cause instanceof Error ? reason.cause.message : reason._tag
