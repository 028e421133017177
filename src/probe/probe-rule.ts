/** A finding that only a probe can make. It has no page among the rules. */
export const compressionHoldsEvents = "compression-holds-events"
