import type * as HttpServerError from "effect/http/HttpServerError"
import * as Predicate from "effect/Predicate"
import { PortInUse, UsageError } from "./failure.ts"

/** Says in one line why a server could not listen on an address. */
export const listenFailure = (
  host: string,
  port: number,
  { cause }: HttpServerError.ServeError,
  flag = "--port",
): PortInUse | UsageError => {
  const code = Predicate.hasProperty(cause, "code") ? cause.code : undefined
  if (code === "EADDRINUSE") {
    const message = `Port ${port} on ${host} is already in use: stop what listens there, or choose another with ${flag}.`
    return new PortInUse({ host, port, message })
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new UsageError({ message: `Cannot listen on ${host}, port ${port}: ${reason}.` })
}
