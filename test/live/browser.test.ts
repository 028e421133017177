import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import type { Page } from "playwright-core"
import type { Side } from "../../src/live/live.ts"
import { violations } from "../support/accessibility.ts"
import { browser, chromiumPath } from "../support/chromium.ts"
import { livePage } from "./page.ts"

const visit = browser()

const shown = (page: Page, side: Side, name: string) =>
  page.locator(`#stream-${side} [data-shows="${name}"]`)

/** Waits until a text of a column matches. */
const showing = (page: Page, side: Side, name: string, pattern: RegExp) =>
  Effect.promise(() => shown(page, side, name).filter({ hasText: pattern }).waitFor())

const sentence = /Scope "handler" closed at [\d.]+ ms and released subscription "bus"/

const found = (page: Page) =>
  Effect.promise(() => page.locator("#findings").filter({ hasText: sentence }).waitFor())

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

  it.live("shows both servers' exchanges, what was found, and says it to who cannot see it", () =>
    Effect.gen(function* () {
      const { address } = yield* livePage()
      const { page } = yield* visit(address)
      yield* found(page)
      yield* Effect.promise(async () => {
        await page.locator("#news").filter({ hasText: sentence }).waitFor({ state: "attached" })
        await page
          .locator("#list > li")
          .filter({ hasText: /found.*broken/s })
          .first()
          .waitFor()
        await page
          .locator("#list > li")
          .filter({ hasText: /open.*fixed/s })
          .first()
          .waitFor()
        await page.keyboard.press("f")
        await page.locator("#detail .tie").first().waitFor({ state: "attached" })
      })
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
        page
          .locator("#list > li")
          .filter({ hasText: /fixed.*client/s })
          .first()
          .waitFor(),
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

  it.live("finds the new servers when the program is started anew", () =>
    Effect.gen(function* () {
      const first = yield* Scope.make()
      const before = yield* livePage().pipe(Scope.provide(first))
      const { page } = yield* visit(before.address)
      yield* showing(page, "fixed", "state", /^connected$/)
      yield* Scope.close(first, Exit.void)
      yield* Effect.promise(() => page.getByText("has not answered since").waitFor())
      const after = yield* livePage({ port: Number(new URL(before.address).port) })
      yield* Effect.promise(() => page.locator(`[data-events^="${after.fixed}/"]`).waitFor())
      yield* showing(page, "fixed", "state", /^connected$/)
    }),
  )

  it.live.each([1280, 390, 320])("is accessible and fits into %i pixels, light and dark", (width) =>
    Effect.gen(function* () {
      const { address } = yield* livePage()
      const { page } = yield* visit(address, { viewport: { width, height: 844 } })
      yield* found(page)
      yield* Effect.promise(() => page.keyboard.press("p"))
      for (const colorScheme of ["light", "dark"] as const) {
        yield* Effect.promise(() => page.emulateMedia({ colorScheme }))
        const needed = yield* Effect.promise(() =>
          page.evaluate(() => document.documentElement.scrollWidth),
        )
        expect({ colorScheme, problems: yield* violations(page), needed }).toEqual({
          colorScheme,
          problems: [],
          needed: width,
        })
      }
    }),
  )
})
