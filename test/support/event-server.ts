import { Context, Effect, Layer, Schema } from "effect"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import { OpenLifetimes } from "../../src/server/debug.ts"
import type { EventInput } from "../../src/server/frame.ts"
import { layerServer, ServerAddress, type ServerOptions } from "../../src/server/server.ts"

/** An event server in this process, on a free port, ended with the scope. Gives its address. */
export const eventServer = (options: Partial<ServerOptions> = {}) =>
  layerServer({ variant: "fixed", host: "127.0.0.1", port: 0, ...options }).pipe(
    Layer.provide(layerLifetimes()),
    Layer.build,
    Effect.map((context) => Context.get(context, ServerAddress)),
  )

export const portOf = (address: string): number => Number(new URL(address).port)

/** What a server says of itself as JSON, decoded by the form that it promises. */
const asked = <A>(url: string, form: Schema.Codec<A, unknown>, init: RequestInit = {}) =>
  Effect.promise(async (signal) => {
    const response = await fetch(url, { ...init, signal })
    const text = await response.text()
    if (!response.ok) throw new Error(`${response.status} ${text}`)
    return Schema.decodeUnknownSync(Schema.fromJsonString(form))(text)
  })

const Answer = Schema.Struct({ id: Schema.String })

/** Publishes an event over HTTP; gives the answer. */
export const publish = (address: string, event: EventInput) =>
  asked(`${address}/event`, Answer, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(event),
  })

/** What is open in the server now. */
export const openLifetimes = (address: string) => asked(`${address}/debug/lifetimes`, OpenLifetimes)
