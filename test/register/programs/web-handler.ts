/** `toWebHandler` behind the server of Node.js, or behind that of Bun. */
import { createServer } from "node:http"
import { HttpRouter } from "effect/http"
import { path, routes, visit } from "./ticks.ts"

const { handler, dispose } = HttpRouter.toWebHandler(routes, { disableLogger: true })

const bun = Reflect.get(globalThis, "Bun")

const onNode = () =>
  new Promise<{ port: number; stop: () => void }>((resolve) => {
    const listening = createServer(async (request, response) => {
      const made = await handler(new Request(`http://localhost${request.url}`))
      response.writeHead(made.status, Object.fromEntries(made.headers))
      for await (const bytes of made.body ?? []) response.write(bytes)
      response.end()
    }).listen(0, "127.0.0.1", () => {
      const at = listening.address()
      const stop = () => {
        listening.close()
        listening.closeAllConnections()
      }
      resolve({ port: typeof at === "object" && at !== null ? at.port : 0, stop })
    })
  })

const fetch = (request: Request) => handler(request)
const { port, stop } =
  bun === undefined ? await onNode() : bun.serve({ hostname: "127.0.0.1", port: 0, fetch })
console.log(await visit(`http://127.0.0.1:${port}${path}`))
stop(true)
await dispose()
