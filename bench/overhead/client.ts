import { connect, type Socket } from "node:net"

const request = "GET /event HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n"

const newline = 10
const blankLine = "\n\n"

/** A client that does as little as possible: it counts frames by the blank line after each. */
class EventClient {
  readonly #socket: Socket
  readonly #closed: Promise<void>
  #events = 0
  /** Whether what has come so far ends within a blank line. */
  #endsLine = false
  #awaited = Number.POSITIVE_INFINITY
  #arrived = () => {}
  #failed = (_: Error) => {}

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1", () => this.#socket.write(request))
    this.#socket.on("data", (bytes: Buffer) => this.#read(bytes))
    this.#closed = new Promise((resolve) => {
      this.#socket.once("close", () => {
        this.#failed(new Error(`a stream has ended after ${this.#events} events`))
        resolve()
      })
    })
    this.#socket.on("error", () => {}) // told by the close that follows
  }

  /** Resolves when so many events have come since it connected. */
  received(events: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#awaited = events
      this.#arrived = resolve
      this.#failed = reject
      this.#check()
    })
  }

  leave(): Promise<void> {
    this.#socket.destroy()
    return this.#closed
  }

  #read(bytes: Buffer): void {
    if (this.#endsLine && bytes[0] === newline) this.#events++
    for (let at = bytes.indexOf(blankLine); at >= 0; at = bytes.indexOf(blankLine, at + 2)) {
      this.#events++
    }
    this.#endsLine = bytes.at(-1) === newline && bytes.at(-2) !== newline
    this.#check()
  }

  #check(): void {
    if (this.#events >= this.#awaited) this.#arrived()
  }
}

/** So many clients that have received their first event, a few connecting at a time. */
export const connectAll = async (
  port: number,
  count: number,
): Promise<ReadonlyArray<EventClient>> => {
  const clients: Array<EventClient> = []
  while (clients.length < count) {
    const some = Array.from(
      { length: Math.min(20, count - clients.length) },
      () => new EventClient(port),
    )
    await Promise.all(some.map((client) => client.received(1)))
    clients.push(...some)
  }
  return clients
}

export const leaveAll = async (clients: ReadonlyArray<EventClient>): Promise<void> => {
  await Promise.all(clients.map((client) => client.leave()))
}

/** Connects, waits for the first event and leaves, so often, a few at the same time. */
export const comeAndGo = async (port: number, count: number, atOnce: number): Promise<void> => {
  let left = count
  const one = async () => {
    while (left-- > 0) {
      const client = new EventClient(port)
      await client.received(1)
      await client.leave()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
}
