import type * as Stream from "effect/Stream"

/** What a body sends, before it is encoded. */
export type Events = Stream.Stream<string, Error>

export const asError = (cause: unknown): Error =>
  cause instanceof Error ? cause : new Error("failed")
