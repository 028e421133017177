import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Page } from "playwright-core"
import type { Snapshot } from "../../src/page/snapshot.ts"
import { violations } from "../support/accessibility.ts"
import { browser, chromiumPath } from "../support/chromium.ts"
import { pageServer } from "./page-server.ts"
import { emptySnapshot, pageOf, plainRow, recorded } from "./snapshots.ts"

const visit = browser()

const doing = <A>(what: () => Promise<A>) => Effect.promise(what)

const found = pageOf(["scope-closed-early", "slow-consumer", "subscription-leak"].flatMap(recorded))
const { now, rows, findings } = found.snapshot

const { endedAt: _, ...open } = plainRow(1, {
  isStream: true,
  events: 41,
  startedAt: now - 3_000_000,
})

const place = { function: "subscribe", file: "/app/src/bus.ts", line: 41 }

/** Every state that rows, findings, runs and what is held can be in. */
const everything: Snapshot = {
  ...found.snapshot,
  rows: [
    { ...open, state: "open" },
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
  notes: ["3,120 ended exchanges without a finding were let go. Nothing open or found was."],
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

const listTop = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelector("#list")?.getBoundingClientRect().top ?? 0)

const isSound = Effect.fnUntraced(function* (page: Page, width: number, state: string) {
  const problems = yield* violations(page)
  const needed = yield* doing(() => page.evaluate(() => document.documentElement.scrollWidth))
  expect({ state, problems, needed }).toEqual({ state, problems: [], needed: width })
})

describe.skipIf(chromiumPath === undefined)("every state of the page", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390, 320]) {
      it.live(`is accessible and fits into ${width} pixels, ${colorScheme}`, () =>
        Effect.gen(function* () {
          const options = { colorScheme, viewport: { width, height: 800 } }
          const empty = yield* pageServer(emptySnapshot)
          const { page: waiting } = yield* visit(empty.address, options)
          yield* doing(() => waiting.locator("#steps h2").waitFor())
          yield* isSound(waiting, width, "empty")
          const server = yield* pageServer(everything, found.details)
          const { page } = yield* visit(server.address, options)
          yield* doing(() => page.locator("#said").waitFor({ state: "attached" }))
          yield* isSound(page, width, "all there is")
          const long = yield* pageServer(withLongNames)
          const { page: longPage } = yield* visit(long.address, options)
          yield* doing(() => longPage.locator("#said").waitFor({ state: "attached" }))
          yield* isSound(longPage, width, "the longest of names")
          const [usual, most] = yield* doing(() => Promise.all([listTop(page), listTop(longPage)]))
          expect(most).toBeLessThan(usual * 1.6)
          yield* doing(async () => {
            await page.keyboard.press("f")
            await page.locator("#detail .row .label").first().click()
            await page.keyboard.press("+")
            for (const summary of await page.locator("#detail summary").all()) await summary.click()
            await page.locator(".bar-details").waitFor()
          })
          yield* isSound(page, width, "an exchange, looked at closely")
          yield* doing(async () => {
            await page.keyboard.press("Escape")
            await page.keyboard.press("Space")
            await page.keyboard.press("?")
            await page.locator("#keys[open]").waitFor()
          })
          yield* isSound(page, width, "paused, with its keys")
          yield* server.stop
          yield* doing(async () => {
            await page.keyboard.press("?")
            await page.getByText("has not answered since").waitFor()
          })
          yield* isSound(page, width, "its server gone")
        }),
      )
    }
  }
})
