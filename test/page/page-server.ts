import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"
import { livePage } from "../../src/page/document.ts"
import type { ExchangeDetail, PageUpdate, Snapshot } from "../../src/page/snapshot.ts"
import { updated } from "../../src/page/update.ts"

/** What a live page is served by, without a program behind it: a test says what happens. */
export interface PageServer {
  readonly address: string
  /** Sends a change to every page that listens. */
  readonly change: (change: Partial<Omit<PageUpdate, "server" | "rev">>) => void
  /** Ends every connection and listens no more; `start` listens again at the same address. */
  readonly stop: Effect.Effect<void>
  readonly start: (
    snapshot?: Snapshot,
    details?: ReadonlyArray<ExchangeDetail>,
  ) => Effect.Effect<void>
  /** The bytes of updates that were sent. */
  readonly sent: () => number
}

/** Serves the page until the scope closes. */
export const pageServer = Effect.fnUntraced(function* (
  first: Snapshot,
  firstDetails: ReadonlyArray<ExchangeDetail> = [],
) {
  let details = firstDetails
  let snapshot = first
  let sent = 0
  const listening = new Set<ServerResponse>()
  const send = (response: ServerResponse, type: string, properties: unknown) => {
    const text = `data: ${JSON.stringify({ id: "evt", type, properties })}\n\n`
    sent += text.length
    response.write(text)
  }
  const server = createServer((request, response) => {
    const path = request.url ?? "/"
    const answer = (status: number, type: string, text: string) =>
      response.writeHead(status, { "content-type": `${type}; charset=utf-8` }).end(text)
    if (path === "/") answer(200, "text/html", livePage(snapshot))
    else if (path === "/data") answer(200, "application/json", JSON.stringify(snapshot))
    else if (path === "/updates") {
      response.writeHead(200, { "content-type": "text/event-stream" })
      listening.add(response)
      request.on("close", () => listening.delete(response))
      send(response, "server.connected", {})
    } else {
      const detail = details.find(({ id }) => path === `/exchange/${id}`)
      answer(detail === undefined ? 404 : 200, "application/json", JSON.stringify(detail ?? null))
    }
  })
  const listen = (port: number) =>
    Effect.callback<number>((resume) => {
      server.listen(port, "127.0.0.1", () => {
        const { port: taken } = server.address() as AddressInfo
        resume(Effect.succeed(taken))
      })
    })
  const stop = Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })
  const port = yield* Effect.acquireRelease(listen(0), () =>
    Effect.suspend(() => (server.listening ? stop : Effect.void)),
  )
  const handle: PageServer = {
    address: `http://127.0.0.1:${port}`,
    change: (change) => {
      const update: PageUpdate = {
        server: snapshot.server,
        rev: snapshot.rev + 1,
        now: snapshot.now,
        steps: snapshot.steps,
        runs: snapshot.runs,
        counts: snapshot.counts,
        notes: snapshot.notes,
        put: [],
        gone: [],
        changed: [],
        ...change,
      }
      snapshot = updated(snapshot, update) ?? snapshot
      for (const response of listening) send(response, "page.update", update)
    },
    stop,
    start: (other = snapshot, otherDetails = details) =>
      Effect.suspend(() => {
        snapshot = other
        details = otherDetails
        return Effect.asVoid(listen(port))
      }),
    sent: () => sent,
  }
  return handle
})
