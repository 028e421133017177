import { Layer } from "effect"
import { HttpRouter } from "effect/http"
import { routes } from "./routes.ts"
import { telemetryFromEnvironment } from "./telemetry.ts"

const { handler } = HttpRouter.toWebHandler(Layer.provideMerge(routes, telemetryFromEnvironment), {
  disableLogger: true,
})

/** Bun serves what a program exports like this. */
export default { hostname: "127.0.0.1", port: 0, fetch: (request: Request) => handler(request) }
