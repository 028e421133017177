import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import type { Page } from "playwright-core"
import type { Side } from "../../../src/page/live/connections.ts"
import { seriousViolations } from "../../support/accessibility.ts"
import { browser, chromiumPath } from "../../support/chromium.ts"
import { livePage } from "./page.ts"

const visit = browser()

const shown = (page: Page, side: Side, name: string) =>
  page.locator(`#${side} [data-shows="${name}"]`)

/** Waits until a text of a column matches. */
const showing = (page: Page, side: Side, name: string, pattern: RegExp) =>
  Effect.promise(() => shown(page, side, name).filter({ hasText: pattern }).waitFor())

const sentence = /Scope "handler" closed at [\d.]+ ms and released subscription "bus"/

const found = (page: Page) =>
  Effect.promise(() => page.locator("#timelines .sentence").filter({ hasText: sentence }).waitFor())

/** Goes there by the Tab key alone. */
const tabTo = (page: Page, name: string) =>
  Effect.promise(async () => {
    const wanted = page.getByRole("button", { name })
    for (let presses = 0; presses < 100; presses++) {
      if (await wanted.evaluate((button) => button === document.activeElement)) return
      await page.keyboard.press("Tab")
    }
    throw new Error(`no Tab leads to ${name}`)
  })

const focused = (page: Page) =>
  Effect.promise(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")))

describe.skipIf(chromiumPath === undefined)("the live page in a browser", () => {
  it.live(
    "counts how the broken stream ends again and again, while the fixed one brings events",
    () =>
      Effect.gen(function* () {
        const { address } = yield* livePage()
        const { page, errors } = yield* visit(address)
        yield* showing(page, "fixed", "state", /^connected$/)
        yield* showing(page, "broken", "reconnects", /^[1-9]/)
        yield* Effect.promise(() => page.getByRole("button", { name: "Publish to both" }).click())
        yield* showing(page, "fixed", "events", /message\.part\.delta/)
        yield* Effect.promise(() => page.getByText("number 1, to both servers").waitFor())
        const of = (side: Side, name: string) =>
          Effect.promise(() => shown(page, side, name).textContent())
        expect(yield* of("broken", "events")).not.toContain("message.part.delta")
        expect(yield* of("broken", "lived")).toMatch(/ms$/)
        expect(yield* of("fixed", "reconnects")).toBe("0")
        expect(errors).toEqual([])
      }),
  )

  it.live("says what was found, in the column and on the timeline, and to who cannot see it", () =>
    Effect.gen(function* () {
      const { address } = yield* livePage()
      const { page } = yield* visit(address)
      yield* found(page)
      const texts = yield* Effect.promise(() =>
        Promise.all(["#broken-findings", "#news"].map((part) => page.locator(part).textContent())),
      )
      for (const text of texts) expect(text).toMatch(sentence)
      const fixed = yield* Effect.promise(() => page.locator("#fixed-findings").textContent())
      expect(fixed).toBe("No rule held so far.")
    }),
  )

  it.live("shows every part, also where one is pushed before all are there", () =>
    Effect.gen(function* () {
      const { address } = yield* livePage()
      const { page } = yield* visit(address, {}, (page) =>
        page.route(`${address}/parts`, async (route) => {
          await page.locator("#timelines .sentence").waitFor()
          await route.fulfill({ response: await route.fetch() })
        }),
      )
      yield* Effect.promise(() => page.getByText("No rule held so far.").waitFor())
      yield* found(page)
    }),
  )

  it.live("drops and reopens a connection by the keyboard alone", () =>
    Effect.gen(function* () {
      const { address } = yield* livePage()
      const { page } = yield* visit(address)
      yield* showing(page, "fixed", "state", /^connected$/)
      yield* tabTo(page, "Drop the fixed connection")
      yield* Effect.promise(() => page.keyboard.press("Enter"))
      yield* showing(page, "fixed", "state", /^dropped$/)
      expect(yield* focused(page)).toBe("Reopen the fixed connection")
      yield* Effect.promise(() => page.keyboard.press("Space"))
      yield* showing(page, "fixed", "state", /^connected$/)
      expect(yield* focused(page)).toBe("Drop the fixed connection")
      yield* Effect.promise(() =>
        page.locator("#fixed-earlier").filter({ hasText: "its client left" }).waitFor(),
      )
    }),
  )

  it.live("waits longer, and says so, when a stream keeps ending", () =>
    Effect.gen(function* () {
      const { address, broken } = yield* livePage()
      const { page } = yield* visit(address, {}, (page) =>
        page.route(`${broken}/event`, (route) =>
          route.fulfill({
            headers: { "access-control-allow-origin": address },
            contentType: "text/event-stream",
            body: "retry: 1\n\n",
          }),
        ),
      )
      yield* showing(page, "broken", "state", /^waiting$/)
      yield* showing(
        page,
        "broken",
        "why",
        /6 streams in a row ended early: connects again in \d+ s/,
      )
      expect(yield* Effect.promise(() => shown(page, "broken", "reconnects").textContent())).toBe(
        "5",
      )
    }),
  )

  it.live("shows what events carry as text", () =>
    Effect.gen(function* () {
      const { address } = yield* livePage()
      const { page, errors } = yield* visit(address)
      yield* showing(page, "fixed", "state", /^connected$/)
      const hostile = "<img src=x onerror=alert(1)>"
      yield* Effect.promise(() => page.getByLabel("Event").fill(hostile))
      yield* Effect.promise(() => page.keyboard.press("Enter"))
      yield* showing(page, "fixed", "events", /<img src=x onerror=alert\(1\)>/)
      expect(errors).toEqual([])
    }),
  )

  it.live("keeps the focus and the card of a row that is drawn anew", () =>
    Effect.gen(function* () {
      const { address } = yield* livePage()
      const { page } = yield* visit(address)
      yield* found(page)
      const [broken, fixed] = [0, 1].map((at) => page.locator("#timelines .timeline").nth(at))
      const row = fixed?.locator(".row").first()
      yield* Effect.promise(async () => {
        await row?.getByRole("button").focus()
        const drawn = await broken?.locator("h3 small").textContent()
        await broken
          ?.locator("h3 small")
          .filter({ hasNotText: drawn ?? "" })
          .waitFor()
      })
      const isFocused = row?.evaluate((it) => it.contains(document.activeElement))
      expect(yield* Effect.promise(async () => isFocused)).toBe(true)
      expect(yield* Effect.promise(async () => row?.locator(".card").isVisible())).toBe(true)
    }),
  )

  it.live("closes the card of a row by Escape, also when that row is drawn anew", () =>
    Effect.gen(function* () {
      const { address } = yield* livePage()
      const { page } = yield* visit(address)
      const open = page.locator("#timelines .timeline").filter({ hasText: "still held" })
      const row = open.locator(".row").first()
      yield* Effect.promise(async () => {
        await row.getByRole("button").focus()
        await row.locator(".card").waitFor()
        await page.keyboard.press("Escape")
        const axis = await open.locator(".axis").first().innerHTML()
        while ((await open.locator(".axis").first().innerHTML()) === axis) {
          expect(await row.locator(".card").isVisible()).toBe(false)
        }
      })
      expect(yield* Effect.promise(() => row.locator(".card").isVisible())).toBe(false)
    }),
  )

  it.live("finds the new servers when the program is started anew", () =>
    Effect.gen(function* () {
      const first = yield* Scope.make()
      const before = yield* livePage().pipe(Scope.provide(first))
      const { page } = yield* visit(before.address)
      yield* showing(page, "fixed", "state", /^connected$/)
      yield* Scope.close(first, Exit.void)
      yield* Effect.promise(() => page.getByText("cannot be reached: what is drawn").waitFor())
      const after = yield* livePage({ port: Number(new URL(before.address).port) })
      yield* Effect.promise(() => page.locator(`[data-events^="${after.fixed}/"]`).waitFor())
      yield* showing(page, "fixed", "state", /^connected$/)
    }),
  )

  it.live("saves a report that opens by itself, without any network", () =>
    Effect.gen(function* () {
      const { address } = yield* livePage()
      const { page } = yield* visit(address)
      yield* found(page)
      const file = yield* Effect.promise(async () => {
        const saved = page.waitForEvent("download")
        await page.getByRole("link", { name: "Save report" }).click()
        const download = await saved
        const file = join(dirname(await download.path()), download.suggestedFilename())
        await download.saveAs(file)
        return file
      })
      const report = yield* visit(`file://${file}`)
      const text = yield* Effect.promise(() => report.page.locator("body").textContent())
      expect(text).toMatch(sentence)
      expect(report.requests).toEqual([])
      expect(report.errors).toEqual([])
    }),
  )

  for (const colorScheme of ["light", "dark"] as const) {
    it.live(`has nothing that axe-core calls serious, in ${colorScheme} colours`, () =>
      Effect.gen(function* () {
        const { address } = yield* livePage()
        const { page } = yield* visit(address, { colorScheme })
        yield* found(page)
        expect(yield* seriousViolations(page)).toEqual([])
      }),
    )
  }

  it.live("fits a phone", () =>
    Effect.gen(function* () {
      const { address } = yield* livePage()
      const { page } = yield* visit(address, { viewport: { width: 390, height: 844 } })
      yield* found(page)
      const width = yield* Effect.promise(() =>
        page.evaluate(() => document.documentElement.scrollWidth),
      )
      expect(width).toBe(390)
    }),
  )
})
