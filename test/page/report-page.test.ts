import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { BrowserContextOptions } from "playwright-core"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { differencesOf } from "../../otel/timeline/difference.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import { foremostPanels } from "../../src/page/exchange-panel.ts"
import { reportDocument } from "../../src/page/html/document.ts"
import { findingsAlone, outcomeOf, type Report } from "../../src/page/report.ts"
import { seriousViolations } from "../support/accessibility.ts"
import { browser, chromiumPath } from "../support/chromium.ts"
import { broken, fixed, matchOf } from "../timeline/exchanges.ts"
import { hostile, idOf, largeTrace } from "./large-trace.ts"

const visit = browser()

const folder = mkdtempSync(join(tmpdir(), "scopeline-report-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const panels = [
  { title: "broken", layout: layoutOf(broken(), [matchOf()]) },
  { title: "fixed", layout: layoutOf(fixed(), []) },
]

const reportOf = (spans: ReadonlyArray<Span>): Report => {
  const { findings, exchanges } = diagnose(spans)
  return {
    title: "A report",
    outcome: outcomeOf(findings, true),
    verdict: ["What happened."],
    timelines: [
      { heading: undefined, panels, differences: differencesOf(panels) },
      { heading: "The trace", panels: foremostPanels(exchanges, 10), differences: new Map() },
    ],
    findings: findingsAlone(findings),
    notes: ["A note."],
    spans,
    environment: [["node", "v24"]],
  }
}

let files = 0

const open = (spans: ReadonlyArray<Span>, options?: BrowserContextOptions) => {
  const file = join(folder, `${++files}.html`)
  writeFileSync(file, reportDocument(reportOf(spans)))
  return visit(`file://${file}`, options)
}

const small = largeTrace(13)

describe.skipIf(chromiumPath === undefined)("the report in a browser", () => {
  it.live("opens by itself: no request to any network, and no error", () =>
    Effect.gen(function* () {
      const { page, errors, requests } = yield* open(small)
      yield* Effect.promise(() => page.getByText("13 of 13 spans").waitFor())
      expect({ errors, requests }).toEqual({ errors: [], requests: [] })
    }).pipe(Effect.scoped),
  )

  it.live("tells spans of one trace from those of another", () =>
    Effect.gen(function* () {
      const others = largeTrace(1).map((span) => ({ ...span, traceId: "0123456789".repeat(3) }))
      const { page } = yield* open([...small, ...others])
      yield* Effect.promise(async () => {
        await page.getByText("14 of 14 spans").waitFor()
        expect(await page.getByRole("cell", { name: "01234567", exact: true }).count()).toBe(1)
        expect(await page.getByRole("cell", { name: "5f2a9f6c", exact: true }).count()).toBe(13)
      })
    }).pipe(Effect.scoped),
  )

  it.live("runs nothing of a hostile trace, and finds spans in it all the same", () =>
    Effect.gen(function* () {
      const { page, errors, requests } = yield* open(largeTrace(5_000, hostile))
      yield* Effect.promise(async () => {
        await page.getByText("5000 of 5000 spans, 100 shown").waitFor()
        await page.getByRole("searchbox").fill(idOf(4_000))
        await page.getByText(/^[1-9] of 5000 spans$/).waitFor()
        const rows = page.locator("#rows")
        await rows.locator("summary").first().click()
        await rows.getByText("<script>window.ran = 1</script>", { exact: true }).first().waitFor()
        const ran = await page.evaluate(() => "ran" in window)
        const width = await page.evaluate(() => document.documentElement.scrollWidth)
        expect({ ran, width, errors, requests }).toEqual({
          ran: false,
          width: 1280,
          errors: [],
          requests: [],
        })
      })
    }).pipe(Effect.scoped),
  )

  it.live("opens with 5,000 spans in less than two seconds of work", () =>
    Effect.gen(function* () {
      const { page } = yield* open(largeTrace(5_000))
      yield* Effect.promise(async () => {
        const session = await page.context().newCDPSession(page)
        // Of the thread alone, whatever else the machine does.
        await session.send("Performance.enable", { timeDomain: "threadTicks" })
        await page.reload()
        await page.getByText("5000 of 5000 spans").waitFor()
        const { metrics } = await session.send("Performance.getMetrics")
        const work = metrics.find(({ name }) => name === "TaskDuration")?.value
        expect(work).toBeGreaterThan(0)
        expect(work).toBeLessThan(2)
      })
    }).pipe(Effect.scoped),
  )

  it.live("shows what is known of a bar to who comes to it by keyboard, until Escape", () =>
    Effect.gen(function* () {
      const { page } = yield* open(small)
      yield* Effect.promise(async () => {
        const bar = page.getByRole("button", { name: "subscription bus" }).first()
        const card = page.getByRole("tooltip").filter({ hasText: "began at" })
        expect(await card.filter({ visible: true }).count()).toBe(0)
        await page.locator("h1").click()
        for (let presses = 0; presses < 20; presses++) {
          await page.keyboard.press("Tab")
          if (await bar.evaluate((element) => element === document.activeElement)) break
        }
        expect(await card.filter({ visible: true }).innerText()).toContain("owner\nscope handler")
        await page.keyboard.press("Escape")
        expect(await card.filter({ visible: true }).count()).toBe(0)
      })
    }).pipe(Effect.scoped),
  )

  it.live("leads from a bar to its span by the Enter key", () =>
    Effect.gen(function* () {
      const { page } = yield* open(small)
      yield* Effect.promise(async () => {
        const bar = page.locator(`button[data-span="${idOf(3)}"]`).first()
        await bar.focus()
        await page.keyboard.press("Enter")
        await page.getByText(/^1 of 13 spans$/).waitFor()
        expect(await page.locator("#rows tr").innerText()).toContain("stream part 0")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.locator("#rows dl").first().waitFor()
      })
    }).pipe(Effect.scoped),
  )

  it.live("fits onto paper", () =>
    Effect.gen(function* () {
      const { page } = yield* open(small, { viewport: { width: 700, height: 1000 } })
      const needed = yield* Effect.promise(async () => {
        await page.emulateMedia({ media: "print" })
        return page.evaluate(() => document.documentElement.scrollWidth)
      })
      expect(needed).toBe(700)
    }).pipe(Effect.scoped),
  )

  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      it.live(`is accessible and fits into ${width} pixels, ${colorScheme}`, () =>
        Effect.gen(function* () {
          const { page } = yield* open(small, { colorScheme, viewport: { width, height: 800 } })
          const problems = yield* seriousViolations(page)
          const needed = yield* Effect.promise(() =>
            page.evaluate(() => document.documentElement.scrollWidth),
          )
          expect({ problems, needed }).toEqual({ problems: [], needed: width })
        }).pipe(Effect.scoped),
      )
    }
  }
})
