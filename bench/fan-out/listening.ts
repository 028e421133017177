import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { answer } from "../child.ts"
import { cpuMillis, heapBytes } from "../usage.ts"

interface Handlers {
  readonly subscribe: (request: IncomingMessage, response: ServerResponse) => void
  /** Gives the id of the event. */
  readonly publish: (body: unknown) => string
}

const read = async (request: IncomingMessage): Promise<unknown> => {
  let text = ""
  for await (const piece of request.setEncoding("utf8")) text += piece
  return JSON.parse(text)
}

/** A server on `node:http` with the routes of ours, which answers the benchmark. */
export const listen = ({ subscribe, publish }: Handlers): void => {
  const server = createServer(async (request, response) => {
    if (request.method === "GET") return subscribe(request, response)
    const body = JSON.stringify({ id: publish(await read(request)) })
    response.writeHead(200, { "content-type": "application/json" }).end(body)
  })
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : Number.NaN
    answer({ port: () => port, cpu: cpuMillis, heap: heapBytes })
  })
  process.once("disconnect", () => process.exit(0))
}
