import * as Effect from "effect/Effect"

/** A function whose module, with everything that it needs, is loaded when the function is called. */
export const loaded =
  <Words, E, R>(load: () => Promise<(words: Words) => Effect.Effect<void, E, R>>) =>
  (words: Words): Effect.Effect<void, E, R> =>
    Effect.flatMap(Effect.promise(load), (run) => run(words))
