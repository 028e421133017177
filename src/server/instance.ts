import * as Context from "effect/Context"

/**
 * The workspace that a request works on. Handlers have it. What runs the body of a response does not, and so
 * OpenCode 1.14.48 lost it.
 */
export class Instance extends Context.Service<Instance, { readonly directory: string }>()(
  "instance",
) {}
