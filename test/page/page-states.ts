import { Effect } from "effect"
import type { Page } from "playwright-core"
import type { ExchangeDetail, Snapshot } from "../../src/page/snapshot.ts"
import type { PageServer } from "./page-server.ts"
import { emptySnapshot, pageOf, plainRow, recorded } from "./snapshots.ts"

/** A state in which a reader may see the page. */
export interface PageStateCase {
  readonly name: string
  readonly snapshot: Snapshot
  readonly details?: ReadonlyArray<ExchangeDetail>
  /** What leads there from the first look. */
  readonly reach?: (page: Page, server: PageServer) => Effect.Effect<void>
}

const doing = (what: () => Promise<unknown>) => Effect.asVoid(Effect.promise(what))

const found = pageOf(["scope-closed-early", "slow-consumer", "subscription-leak"].flatMap(recorded))
const { now, rows, findings } = found.snapshot

const {
  endedAt: _,
  endedBy: __,
  ...open
} = plainRow(1, {
  isStream: true,
  events: 41,
  startedAt: now - 3_000_000,
})

const place = { function: "subscribe", file: "/app/src/bus.ts", line: 41 }

/** Every state that rows, findings, runs and what is held can be in. */
const everything: Snapshot = {
  ...found.snapshot,
  rows: [
    { ...open, run: 2, state: "open" },
    { ...open, id: plainRow(2).id, state: "last heard", lastHeardAt: now, run: 1 },
    ...Array.from({ length: 6 }, (_, index) =>
      plainRow(10 + index, { startedAt: now - 5_000_000 - index }),
    ),
    ...rows.map((row) => ({ ...row, run: 2 })),
  ],
  findings: findings.flatMap((kind, index) => [
    kind,
    { ...kind, id: `${index} gone`, state: "gone", judgedSince: 31 },
    { ...kind, id: `${index} withdrawn`, state: "withdrawn", explainedBy: "context-lost" },
    { ...kind, id: `${index} waits`, state: "not judged yet" },
    { ...kind, id: `${index} stays`, state: "still there", run: 2 },
    { ...kind, id: `${index} returns`, state: "back", run: 2 },
    { ...kind, id: `${index} known`, known: "An old one." },
  ]),
  held: [
    {
      kind: "subscription",
      place,
      count: 48,
      oldestAt: now - 540_000_000,
      inLastMinute: 7,
      grew: true,
    },
  ],
  runs: [
    ...emptySnapshot.runs,
    { number: 2, service: "ticks", pid: 4802, beganAt: now - 60_000_000 },
  ],
  notes: ["3,120 ended exchanges without a finding were dropped. No other trace was."],
  directory: "/app",
  editor: "vscode://file/{path}:{line}",
}

const longName = "a-name-that-only-a-generator-writes/".repeat(8)

/** The same with the longest of names, for titles, services, routes, scopes and places. */
const withLongNames: Snapshot = {
  ...everything,
  title: longName,
  rows: everything.rows.map((row) => ({
    ...row,
    route: longName,
    service: `${row.run}${longName}`,
  })),
  findings: everything.findings.map((kind) => ({
    ...kind,
    message: longName,
    route: longName,
    operation: longName,
    place: { function: longName, file: `/app/${longName}`, line: 12345 },
  })),
  held: everything.held.map((held) => ({
    ...held,
    name: longName,
    place: { function: longName, file: `/app/${longName}`, line: 12345 },
  })),
  runs: everything.runs.map((run) => ({ ...run, service: longName })),
}

const nothingFound: Snapshot = {
  ...everything,
  rows: everything.rows.map((row) => ({ ...row, kinds: [] })),
  findings: [],
  held: [],
}

const programGone: Snapshot = {
  ...everything,
  held: [],
  runs: everything.runs.map((run) => ({ ...run, endedAt: now, exit: "SIGKILL" })),
}

const openFirst = (page: Page) =>
  doing(async () => {
    await page.keyboard.press("f")
    await page.locator("#detail .row .label").first().waitFor()
  })

const shows = (page: Page, text: string | RegExp) => doing(() => page.getByText(text).waitFor())

const loseServer = (page: Page, server: PageServer) =>
  Effect.andThen(server.stop, shows(page, "has not answered since"))

const { details } = found

export const pageStates: ReadonlyArray<PageStateCase> = [
  { name: "nothing yet", snapshot: emptySnapshot },
  { name: "nothing found", snapshot: nothingFound },
  { name: "all there is", snapshot: everything, details },
  { name: "the longest of names", snapshot: withLongNames, details },
  { name: "its program gone", snapshot: programGone, details },
  {
    name: "an exchange, looked at closely",
    snapshot: everything,
    details,
    reach: (page) =>
      Effect.andThen(
        openFirst(page),
        doing(async () => {
          await page.locator("#detail .row .label").first().click()
          await page.keyboard.press("+")
          for (const summary of await page.locator("#detail summary").all()) await summary.click()
          await page.locator(".bar-details").waitFor()
        }),
      ),
  },
  {
    name: "an exchange that is not there",
    snapshot: everything,
    reach: (page) =>
      Effect.andThen(
        doing(() => page.keyboard.press("f")),
        shows(page, "This exchange is not here any more."),
      ),
  },
  {
    name: "nothing that has the words",
    snapshot: everything,
    details,
    reach: (page) => doing(() => page.fill("#search", "no such words")),
  },
  {
    name: "new rows that wait",
    snapshot: everything,
    details,
    reach: (page, server) =>
      Effect.gen(function* () {
        yield* doing(() => page.locator("#list > li").first().hover())
        server.change({ put: [plainRow(90, { startedAt: now + 1_000, route: "GET /new" })] })
        yield* doing(() => page.locator("#pill:not([hidden])").waitFor())
      }),
  },
  {
    name: "paused, with its keys",
    snapshot: everything,
    details,
    reach: (page) =>
      doing(async () => {
        await page.keyboard.press("Space")
        await page.keyboard.press("?")
        await page.locator("#keys[open]").waitFor()
      }),
  },
  {
    name: "about to be saved",
    snapshot: everything,
    details,
    reach: (page) =>
      doing(async () => {
        await page.keyboard.press("s")
        await page.locator("#saving[open]").waitFor()
      }),
  },
  {
    name: "its server gone",
    snapshot: everything,
    details,
    reach: (page, server) =>
      Effect.gen(function* () {
        yield* openFirst(page)
        yield* doing(() => page.keyboard.press("Escape"))
        yield* loseServer(page, server)
      }),
  },
  {
    name: "its server started again, with an exchange from before",
    snapshot: everything,
    details,
    reach: (page, server) =>
      Effect.gen(function* () {
        yield* openFirst(page)
        yield* loseServer(page, server)
        yield* server.start({ ...emptySnapshot, server: "two" }, [])
        yield* shows(page, /from before Scopeline was started again/)
      }),
  },
]
