// What somebody writes with better-sse.
import { randomUUID } from "node:crypto"
import { createChannel, createSession } from "better-sse"
import { listen } from "./listening.ts"

const channel = createChannel()

listen({
  subscribe: async (request, response) => {
    const session = await createSession(request, response)
    session.push({ type: "server.connected", properties: {} })
    channel.register(session)
  },
  publish: (body) => {
    const id = randomUUID()
    channel.broadcast(body, "message", { eventId: id })
    return id
  },
})
