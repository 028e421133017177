import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { idOf, largeTrace } from "../../bench/large-trace.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { browser, chromiumPath } from "../support/chromium.ts"
import { pageServer } from "./page-server.ts"
import { pageOf, recorded } from "./snapshots.ts"

const visit = browser()

const doing = <A>(what: () => Promise<A>) => Effect.promise(what)

/** Opens the first finding of these spans. */
const openDetail = Effect.fnUntraced(function* (spans: ReadonlyArray<Span>, more = {}) {
  const { snapshot, details } = pageOf(spans, more)
  const server = yield* pageServer(snapshot, details)
  const visited = yield* visit(server.address)
  yield* doing(async () => {
    await visited.page.locator("#said").waitFor({ state: "attached" })
    await visited.page.keyboard.press("f")
    await visited.page.locator("#detail .timeline .rows").waitFor()
  })
  return { ...visited, server, snapshot }
})

const windowOf = async (page: Page): Promise<readonly [number, number] | undefined> => {
  const hash = await page.evaluate(() => location.hash)
  const [, from, to] = /at=(-?[\d.]+)-([\d.]+)ms/.exec(hash) ?? []
  return from === undefined ? undefined : [Number(from), Number(to)]
}

const bar = (page: Page, name: string) =>
  page.locator("#detail .row .label").filter({ hasText: name }).first()

describe.skipIf(chromiumPath === undefined)("an exchange on the page", () => {
  it.live("has its finding, its drawing and its spans on one screen of 1280 pixels", () =>
    Effect.gen(function* () {
      const { page } = yield* openDetail(recorded("scope-closed-early"))
      yield* doing(async () => {
        const text = await page.locator("#detail").innerText()
        expect(text).toMatch(
          /Scope "handler" closed at[\s\S]*How to fix it[\s\S]*subscription bus[\s\S]*Spans \(\d+\)/,
        )
        await page.locator("#detail .tie").first().waitFor({ state: "attached" })
        const box = await page.locator("#detail .timeline").boundingBox()
        expect((box?.y ?? 9_999) + 200).toBeLessThan(720)
        expect(await page.locator("#exchanges").isVisible()).toBe(true)
      })
    }),
  )

  it.live("shows what is known of a bar beside the drawing, and keeps it in the address", () =>
    Effect.gen(function* () {
      const { page } = yield* openDetail(recorded("scope-closed-early"))
      yield* doing(async () => {
        await bar(page, "subscription bus").click()
        const details = page.locator(".bar-details")
        await details.filter({ hasText: "owner" }).filter({ hasText: "scope handler" }).waitFor()
        expect(await details.innerText()).toMatch(/effect\.pubsub\.name\s+bus/)
        const other = await page.context().newPage()
        await other.goto(page.url())
        await other.locator(".bar-details").filter({ hasText: "subscription bus" }).waitFor()
        await bar(page, "subscription bus").click()
        await details.waitFor({ state: "detached" })
      })
    }),
  )

  it.live("says so where who called it was not received", () =>
    Effect.gen(function* () {
      const spans = recorded("scope-closed-early").filter(({ kind }) => kind !== "client")
      const { page } = yield* openDetail(spans)
      yield* doing(async () => {
        const caller = spans.find(({ kind }) => kind === "server")?.parentSpanId ?? "none"
        await page.getByText(`Called by span ${caller}, which was not received.`).waitFor()
        await bar(page, "GET /event").click()
        await page.locator(".bar-details").getByText(`${caller} (not received)`).waitFor()
        await bar(page, "subscription bus").click()
        await page.locator(".bar-details").getByText("effect.pubsub.name").waitFor()
        expect(await page.locator(".bar-details").innerText()).not.toContain("not received")
      })
    }),
  )

  it.live("is looked at closely by keys and by buttons", () =>
    Effect.gen(function* () {
      const { page } = yield* openDetail(recorded("scope-closed-early"))
      yield* doing(async () => {
        await page.keyboard.press("+")
        const first = await windowOf(page)
        expect(first).toBeDefined()
        await page.getByRole("button", { name: "Zoom in" }).click()
        const second = await windowOf(page)
        expect((second?.[1] ?? 0) - (second?.[0] ?? 0)).toBeLessThan(
          (first?.[1] ?? 0) - (first?.[0] ?? 0),
        )
        await page.getByText("Time: even.").waitFor()
        await page.getByRole("button", { name: "Zoom out" }).click()
        await page.keyboard.press("0")
        expect(await windowOf(page)).toBeUndefined()
        await bar(page, "subscription bus").click()
        await page.keyboard.press("z")
        const [from = 0, to = 0] = (await windowOf(page)) ?? []
        expect(to - from).toBeLessThan(3)
      })
    }),
  )

  it.live(
    "is looked at closely by dragging along the axis, by Ctrl and the wheel, and by a double click",
    () =>
      Effect.gen(function* () {
        const { page } = yield* openDetail(recorded("scope-closed-early"))
        yield* doing(async () => {
          const box = await page.locator("#detail [data-ruler]").boundingBox()
          if (box === null) throw new Error("there is no axis")
          const y = box.y + box.height / 2
          await page.mouse.move(box.x + box.width * 0.25, y)
          await page.mouse.down()
          await page.mouse.move(box.x + box.width * 0.5, y, { steps: 4 })
          await page.mouse.up()
          const dragged = await windowOf(page)
          expect(dragged?.[0]).toBeGreaterThan(0.1)
          await page.mouse.move(box.x + box.width * 0.5, y + 60)
          await page.mouse.wheel(0, 120)
          await page.waitForTimeout(100)
          expect(await windowOf(page)).toEqual(dragged)
          await page.keyboard.down("Control")
          await page.mouse.wheel(0, -120)
          await page.keyboard.up("Control")
          await page.waitForTimeout(100)
          expect(await windowOf(page)).not.toEqual(dragged)
          await page.keyboard.press("0")
          await bar(page, "stream event").dblclick()
          expect(await windowOf(page)).toBeDefined()
        })
      }),
  )

  it.live("shows siblings that repeat as one row, which opens in place", () =>
    Effect.gen(function* () {
      const [server, ...rest] = largeTrace(31)
      if (server === undefined) throw new Error("no server span")
      const scopes = rest
        .filter(({ name }) => name.startsWith("scope"))
        .map((span) => ({
          ...span,
          name: "scope poll",
          attributes: { ...span.attributes, "effect.scope.name": "poll" },
        }))
      const { snapshot, details } = pageOf([server, ...scopes])
      const served = yield* pageServer(snapshot, details)
      const { page } = yield* visit(`${served.address}/#/x/${snapshot.rows[0]?.id}`)
      yield* doing(async () => {
        await bar(page, "scope poll ×10").waitFor()
        expect(await page.locator("#detail .row").count()).toBe(2)
        await page.getByRole("button", { name: "▸ show 10" }).click()
        await page.getByRole("button", { name: "▾ fold 10" }).waitFor()
        expect(await page.locator("#detail .row").count()).toBe(11)
      })
    }),
  )

  it.live("is searched within, over attributes, with what encloses that", () =>
    Effect.gen(function* () {
      const { page } = yield* openDetail(recorded("scope-closed-early"))
      yield* doing(async () => {
        await page.getByLabel("Search here").fill("effect.pubsub.name")
        await page.getByText(/^Spans \(1 of \d+\)$/).waitFor()
        const names = await page.locator("#detail .row .name").allInnerTexts()
        expect(names).toEqual(["GET /event", "scope request", "scope handler", "subscription bus"])
      })
    }),
  )

  it.live(
    "leads to the editor by an address of the template that was chosen, and to no other",
    () =>
      Effect.gen(function* () {
        const place = { function: "openBroken", file: "/app/src/a b.ts", line: 15 }
        const { snapshot } = pageOf(recorded("scope-closed-early"))
        const findings = snapshot.findings.map((kind) => ({ ...kind, place }))
        const more = { findings, directory: "/app", editor: "vscode://file/{path}:{line}" }
        const { page } = yield* openDetail(recorded("scope-closed-early"), more)
        yield* doing(async () => {
          const link = page.locator("#detail a.editor")
          expect(await link.getAttribute("href")).toBe("vscode://file/app/src/a%20b.ts:15")
          expect(await link.innerText()).toBe("src/a b.ts:15")
        })
      }),
  )

  it.live("keeps its place, its focus and what is open while it changes", () =>
    Effect.gen(function* () {
      const { page, server, snapshot } = yield* openDetail(recorded("scope-closed-early"))
      yield* doing(async () => {
        await page.locator("#detail summary").filter({ hasText: "Evidence" }).click()
        await bar(page, "stream event").focus()
      })
      const [id] = snapshot.findings[0]?.examples ?? []
      server.change({
        changed: id === undefined ? [] : [id],
        counts: { ...snapshot.counts, ended: 77 },
      })
      yield* doing(async () => {
        await page.getByText("77 ended").waitFor()
        await page.waitForTimeout(300)
        expect(await page.evaluate(() => document.activeElement?.textContent)).toContain(
          "stream event",
        )
        expect(await page.locator("#detail details[open] .evidence").count()).toBe(1)
      })
    }),
  )

  it.live("opens with 20,000 spans in few nodes", () =>
    Effect.gen(function* () {
      const spans = largeTrace(20_000, { name: () => "bus", attributes: {} })
      const { page, snapshot } = yield* openDetail(spans)
      yield* doing(async () => {
        expect(snapshot.rows.length).toBe(1)
        expect(await page.locator("#detail *").count()).toBeLessThan(3_000)
        await page.getByText(/more lifetimes are not drawn/).waitFor()
        await page.getByLabel("Search here").fill(idOf(19_000))
        await page.getByText(/^Spans \([1-9] of 20000\)$/).waitFor()
      })
    }),
  )
})
