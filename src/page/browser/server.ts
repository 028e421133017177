import type { ExchangeDetail, ExchangeId, PageUpdate, Snapshot } from "../snapshot.ts"

interface ServerEvents {
  readonly onSnapshot: (snapshot: Snapshot) => void
  readonly onUpdate: (update: PageUpdate) => void
  /** It does not answer. */
  readonly onLost: () => void
}

const retryAfter = 1_000

/** A heartbeat comes every 10 s: a connection that is silent for longer is dead. */
const longestSilence = 25_000

/** The server of a live page: what it sends, and what it is asked for. The page retries until it answers. */
export class PageServer {
  readonly #events: ServerEvents
  #source: EventSource | undefined
  #silence: ReturnType<typeof setTimeout> | undefined

  constructor(events: ServerEvents) {
    this.#events = events
  }

  connect(): void {
    this.#source?.close()
    const source = new EventSource("/updates")
    this.#source = source
    this.#listen()
    source.addEventListener("message", ({ data }) => {
      this.#listen()
      const { type, properties } = JSON.parse(String(data))
      if (type === "server.connected") this.refresh()
      else if (typeof properties?.rev === "number") this.#events.onUpdate(properties)
    })
    source.addEventListener("error", () => this.#lose())
  }

  /** Asks for all of it. */
  refresh(): void {
    fetch("/data")
      .then((response) => (response.ok ? response.json() : Promise.reject(response.status)))
      .then(this.#events.onSnapshot, () => this.#lose())
  }

  /** `undefined` if it is not there any more. Fails if the server does not answer. */
  async detail(id: ExchangeId): Promise<ExchangeDetail | undefined> {
    const response = await fetch(`/exchange/${id}`)
    if (response.status === 404) return undefined
    if (!response.ok) throw new Error(String(response.status))
    return response.json()
  }

  #listen(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#lose(), longestSilence)
  }

  #lose(): void {
    clearTimeout(this.#silence)
    this.#source?.close()
    this.#source = undefined
    this.#events.onLost()
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.connect(), retryAfter)
  }

  #retry: ReturnType<typeof setTimeout> | undefined
}
