/**
 * How much is asked of a server in one round. Connects are so many that one full garbage collection
 * more or less does not decide: with 300 it was a fifth of the round.
 */
export const publishes = 600
export const readers = 100
export const connects = 1_200
export const requests = 3_000
export const idleStreams = 500

/** How often a server is asked before it is measured, until what runs often has been compiled. */
export const warmUpConnects = 2_000
export const warmUpDeliveries = 4

/** What happens at the same time. */
export const publishesAtOnce = 10
export const connectsAtOnce = 10

/** Longer than spans wait to be exported together. */
export const exportMillis = 350
