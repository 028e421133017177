/** Publishes `session.created` and `session.updated`. */
export const newSession = ["--trigger", "POST /session {}"] as const

export const sessionEvents = { "session.created": 1, "session.updated": 1 } as const
