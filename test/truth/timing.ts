/** The grace period of the rules here, in milliseconds: short, because every program waits it out. */
export const grace = 120

/** Longer than the grace period, and whatever takes a moment more. */
export const rest = 170

/** How long something is waited for that comes at once, in a program that is right. */
export const patience = 400
