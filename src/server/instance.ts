import * as Context from "effect/Context"

/**
 * The workspace that a request works on. Handlers have it; what runs the body of a response does not,
 * which is how OpenCode 1.14.48 lost it.
 */
export class Instance extends Context.Service<Instance, { readonly directory: string }>()(
  "instance",
) {}
