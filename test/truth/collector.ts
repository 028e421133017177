import { createServer } from "node:http"
import * as Effect from "effect/Effect"
import type { Span } from "../../otel/lifetimes/span.ts"
import { decodeJson } from "../../src/otlp/export-request.ts"
import { expectTrueTimes } from "../support/span-order.ts"

/** A collector for many programs at once: each sends to a path of its own. */
export class Collector {
  readonly #bodies = new Map<string, Array<string>>()
  readonly #server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8")
    request.on("data", (text: string) => {
      body += text
    })
    request.on("end", () => {
      const { url = "" } = request
      this.#bodies.set(url, [...(this.#bodies.get(url) ?? []), body])
      response.writeHead(200, { "content-type": "application/json" }).end("{}")
    })
  })
  #address = ""
  #programs = 0

  static async start(): Promise<Collector> {
    const collector = new Collector()
    await new Promise<void>((resolve) => collector.#server.listen(0, "127.0.0.1", resolve))
    const address = collector.#server.address()
    if (address === null || typeof address === "string") throw new Error("it has no port")
    collector.#address = `http://127.0.0.1:${address.port}`
    return collector
  }

  /** Where the next program sends its spans. */
  path(): string {
    return `/${++this.#programs}`
  }

  url(path: string): string {
    return this.#address + path
  }

  /** What was sent there; it is asked for once. */
  take(path: string): Effect.Effect<ReadonlyArray<Span>> {
    const bodies = this.#bodies.get(path) ?? []
    this.#bodies.delete(path)
    expectTrueTimes(bodies)
    return Effect.forEach(bodies, (body) => Effect.orDie(decodeJson(body))).pipe(
      Effect.map((requests) => requests.flatMap(({ spans }) => spans)),
    )
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
