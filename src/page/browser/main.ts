/** The page in a browser: with the server that it follows, or as a file. */
import type { Frozen } from "../frozen.ts"
import { unpack } from "../packed.ts"
import type { ExchangeId, FindingKind, Snapshot } from "../snapshot.ts"
import { updated } from "../update.ts"
import { isPresent, type PageState, stateOf } from "../view/state.ts"
import { actionsOf } from "./actions.ts"
import { listenToReader } from "./controls.ts"
import { announce } from "./element.ts"
import { PageServer } from "./server.ts"
import { Session } from "./session.ts"
import { connectStreams } from "./streams.ts"
import { Zoom } from "./zoom.ts"

const begin = (state: PageState): Session => {
  const said = document.createElement("p")
  said.id = "said"
  said.setAttribute("role", "status")
  document.body.append(said)
  const session = new Session(state)
  listenToReader(session, actionsOf(session, new Zoom(session)))
  session.drawNow()
  return session
}

/** How many details of examples are requested ahead, so that they are there when the server is gone. */
const mostAhead = 100

const follow = (first: Snapshot): Session => {
  const session = begin(stateOf(first, "live"))
  const told = new Set<string>()
  let runs = 0
  /** The clock of the server: its last word, and when it came. */
  let clock = { now: first.now, at: performance.now() }

  const tell = (findings: ReadonlyArray<FindingKind>, count: number) => {
    const fresh = findings.filter((kind) => isPresent(kind) && !told.has(kind.id))
    for (const { id } of fresh) told.add(id)
    const [kind] = fresh
    if (kind !== undefined) announce(`Found: ${kind.rule}. ${kind.message}`)
    else if (count > runs && runs > 0) announce(`A new run of the program began.`)
    runs = count
  }

  const take = (snapshot: Snapshot) => {
    // It was requested before an update that arrived first.
    const { server, rev, streams } = session.latest
    if (snapshot.server === server && snapshot.rev < rev) return
    // The policy of a document is fixed: other streams need another document.
    if (streams !== undefined && server !== "" && snapshot.server !== server) location.reload()
    clock = { now: snapshot.now, at: performance.now() }
    session.take(snapshot)
    session.change({ lostAt: undefined })
    tell(snapshot.findings, snapshot.runs.length)
    askAhead()
  }

  const lose = () => {
    if (session.state.lostAt !== undefined) return
    session.change({ lostAt: nowOf(clock) })
    announce("The server of this page does not answer.")
  }

  const server = new PageServer({
    onSnapshot: take,
    onUpdate: (update) => {
      const next = updated(session.latest, update)
      if (next === undefined) server.refresh()
      else take(next)
      session.meet(update.changed)
      for (const id of update.changed) if (session.state.details.has(id)) stale.add(id)
      askAhead()
    },
    onLost: lose,
  })

  const asked = new Set<ExchangeId>()
  const stale = new Set<ExchangeId>()

  /** The shown exchange comes first, then the first example of each finding. */
  const wanted = (): ExchangeId | undefined => {
    const { choice, details, missing, snapshot, old } = session.state
    const examples = snapshot.findings.slice(0, mostAhead).flatMap(({ examples: [id] }) => id ?? [])
    const ids = choice.exchange === undefined ? examples : [choice.exchange, ...examples]
    return ids.find(
      (id) =>
        !asked.has(id) &&
        !missing.has(id) &&
        (!details.has(id) || (id === choice.exchange && (stale.has(id) || id === old?.id))),
    )
  }

  const askAhead = () => {
    const id = wanted()
    if (id === undefined || asked.size > 3) return
    asked.add(id)
    stale.delete(id)
    server
      .detail(id)
      .then((detail) => (detail === undefined ? session.miss(id) : session.keep(detail)))
      .catch(() => undefined)
      .finally(() => {
        // Asked again at most five times a second.
        setTimeout(() => {
          asked.delete(id)
          askAhead()
        }, 200)
      })
    askAhead()
  }

  setInterval(() => {
    const { paused, lostAt } = session.state
    if (!paused && lostAt === undefined) session.change({ now: nowOf(clock) })
    askAhead()
  }, 1_000)
  addEventListener("popstate", askAhead)
  document.addEventListener("click", () => setTimeout(askAhead))
  document.addEventListener("keydown", () => setTimeout(askAhead))
  server.connect()
  connectStreams(first.streams ?? [])
  return session
}

/** Microseconds since 1970, by the clock of the server. */
const nowOf = ({ now, at }: { readonly now: number; readonly at: number }): number =>
  now + Math.round((performance.now() - at) * 1000)

const nothing = (title: string): Snapshot => ({
  server: "",
  rev: 0,
  now: Date.now() * 1000,
  title,
  steps: [],
  rows: [],
  findings: [],
  held: [],
  heldRest: 0,
  runs: [],
  counts: { open: 0, lastHeard: 0, ended: 0, judged: 0, letGo: 0, lostSpans: 0 },
  notes: [],
})

const packed = document.getElementById("packed")?.textContent
if (packed === null || packed === undefined) {
  const response = await fetch("/data").catch(() => undefined)
  follow(response?.ok === true ? await response.json() : nothing("scopeline"))
} else {
  const { snapshot, details }: Frozen = JSON.parse(await unpack(packed))
  begin(stateOf(snapshot, "frozen", details))
}
