/** The routes of the automatic mode as a web handler behind the server of Node.js, without the Layer. */
import { createServer } from "node:http"
import { pipeline } from "node:stream/promises"
import { HttpRouter } from "effect/http"
import { routes } from "../automatic/routes.ts"

const { handler, dispose } = HttpRouter.toWebHandler(routes, { disableLogger: true })

const server = createServer(async (request, response) => {
  const { status, headers, body } = await handler(new Request(`http://localhost${request.url}`))
  response.writeHead(status, Object.fromEntries(headers))
  if (body === null) response.end()
  else await pipeline(body, response).catch(() => {}) // the client has left
}).listen(0, "127.0.0.1", () => {
  const address = server.address()
  const port = typeof address === "object" ? address?.port : undefined
  console.log(`Listening on http://127.0.0.1:${port}`)
})

process.once("SIGTERM", async () => {
  server.close()
  server.closeAllConnections()
  await dispose()
})
