import { connect, type Socket } from "node:net"
import { Effect } from "effect"
import { Changes } from "./changes.ts"
import { portOf } from "./event-server.ts"

/** A TCP connection that says exactly what a test wants said, and leaves as rudely as it wants. */
export class RawClient {
  /** What has been received so far, with chunk sizes and all. */
  received = ""
  end: "open" | "closed" | "reset" = "open"
  readonly socket: Socket
  readonly #changes = new Changes()

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding("utf8")
    socket.on("error", () => this.#ended("reset"))
    socket.on("close", () => this.#ended("closed"))
  }

  /** Connects; reads at once, unless it is to be `deaf`. */
  static readonly connect = (address: string, how: "reading" | "deaf" = "reading") =>
    Effect.acquireRelease(
      Effect.callback<RawClient>((resume) => {
        const socket = connect(portOf(address), "127.0.0.1")
        const client = new RawClient(socket)
        if (how === "reading") client.read()
        socket.on("connect", () => resume(Effect.succeed(client)))
      }),
      ({ socket }) => Effect.sync(() => socket.destroy()),
    )

  /** Sends a request without a body. */
  readonly ask = (line: string): Effect.Effect<void> =>
    Effect.sync(() => {
      this.socket.write(`${line} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`)
    })

  /** Reads from now on. */
  read(): void {
    this.socket.on("data", (text: string) => {
      this.received += text
      this.#changes.tell()
    })
  }

  until(condition: (client: RawClient) => boolean): Effect.Effect<RawClient> {
    return Effect.as(
      this.#changes.until(() => condition(this)),
      this,
    )
  }

  #ended(end: "closed" | "reset"): void {
    if (this.end !== "open") return
    this.end = end
    this.#changes.tell()
  }
}
