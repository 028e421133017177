// As little as a server can do: each event is encoded once, and written to every client.
import { randomUUID } from "node:crypto"
import type { ServerResponse } from "node:http"
import { listen } from "./listening.ts"

const clients = new Set<ServerResponse>()

const frameOf = (event: unknown): Buffer => Buffer.from(`data: ${JSON.stringify(event)}\n\n`)

listen({
  subscribe: (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
    response.write(frameOf({ type: "server.connected", properties: {} }))
    clients.add(response)
    response.once("close", () => clients.delete(response))
  },
  publish: (body) => {
    const id = randomUUID()
    const frame = frameOf({ id, event: body })
    for (const client of clients) client.write(frame)
    return id
  },
})
