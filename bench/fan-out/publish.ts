import { Agent, request } from "node:http"
import { published } from "./workload.ts"

/** Publishes one event after the other on each of so many connections, which stay open. */
export class Publisher {
  readonly #agent: Agent
  readonly #port: number
  readonly #connections: number

  constructor(port: number, connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
    this.#port = port
    this.#connections = connections
  }

  async publish(events: number): Promise<void> {
    let left = events
    const some = async () => {
      while (left-- > 0) await this.#post()
    }
    await Promise.all(Array.from({ length: this.#connections }, some))
  }

  #post(): Promise<void> {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(published),
    }
    return new Promise((resolve, reject) => {
      request(
        {
          agent: this.#agent,
          host: "127.0.0.1",
          port: this.#port,
          method: "POST",
          path: "/event",
          headers,
        },
        (response) => {
          if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
          response.resume().once("end", resolve)
        },
      )
        .once("error", reject)
        .end(published)
    })
  }
}
