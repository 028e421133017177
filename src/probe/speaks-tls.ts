import { isIP } from "node:net"
import { connect } from "node:tls"
import * as Effect from "effect/Effect"

/** Whether TLS is spoken at the address, whatever the certificate is. */
export const speaksTls = (url: string): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const { hostname, port } = new URL(url)
    const host = hostname.replace(/^\[|\]$/g, "")
    const socket = connect({
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      port: port === "" ? 80 : Number(port),
      rejectUnauthorized: false,
    })
    socket.once("secureConnect", () => resume(Effect.succeed(true)))
    socket.on("error", () => resume(Effect.succeed(false)))
    socket.on("close", () => resume(Effect.succeed(false)))
    return Effect.sync(() => socket.destroy())
  }).pipe(Effect.timeoutOrElse({ duration: "2 seconds", orElse: () => Effect.succeed(false) }))
