import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { largeTrace } from "../../bench/large-trace.ts"
import { CODE_FUNCTION } from "../../otel/attributes.ts"
import type { FindingKind, Snapshot } from "../../src/page/snapshot.ts"
import { browser, chromiumPath } from "../support/chromium.ts"
import { hostile } from "./hostile.ts"
import { pageServer } from "./page-server.ts"
import { emptySnapshot, pageOf, plainRow, recorded } from "./snapshots.ts"

const visit = browser()

const doing = <A>(what: () => Promise<A>) => Effect.promise(what)

const found = pageOf([...recorded("scope-closed-early"), ...recorded("slow-consumer")])
const [first] = found.snapshot.findings
if (first === undefined) throw new Error("the recordings have no finding")

const now = found.snapshot.now

const openRow = (index: number) => {
  const {
    endedAt: _,
    endedBy: __,
    ...row
  } = plainRow(index, { state: "open", isStream: true, events: 1 })
  return { ...row, route: "GET /event", startedAt: now - 2_000_000 }
}

const withRows = (more: Partial<Snapshot> = {}): Snapshot => ({
  ...found.snapshot,
  rows: [openRow(1), ...found.snapshot.rows, plainRow(2, { startedAt: now - 60_000_000 })],
  ...more,
})

const openPage = Effect.fnUntraced(function* (
  snapshot: Snapshot = withRows(),
  fragment = "",
  details = found.details,
) {
  const server = yield* pageServer(snapshot, details)
  const visited = yield* visit(server.address + fragment)
  yield* doing(() => visited.page.locator("#said").waitFor({ state: "attached" }))
  return { ...visited, server }
})

const rowsOf = (page: Page) => page.locator("#list > li")

const waitForText = (page: Page, selector: string, text: string | RegExp) =>
  doing(() => page.locator(selector).filter({ hasText: text }).first().waitFor())

describe.skipIf(chromiumPath === undefined)("the live page", () => {
  it.live("shows what was found, what is held and every exchange, without a click", () =>
    Effect.gen(function* () {
      const place = { function: "subscribe", file: "/app/src/bus.ts", line: 41 }
      const held = [
        {
          kind: "subscription",
          place,
          count: 48,
          oldestAt: now - 540_000_000,
          inLastMinute: 7,
          grew: true,
        },
      ]
      const { page, errors, requests, server } = yield* openPage(
        withRows({ held, directory: "/app" }),
      )
      yield* waitForText(page, "#findings", /scope-closed-early.*error.*certain.*once/)
      yield* waitForText(page, "#findings", 'Scope "handler" closed at')
      yield* waitForText(
        page,
        "#held",
        /48 subscriptions.*subscribe src\/bus\.ts:41.*oldest 9 min.*\+7 in 1 min.*grew/s,
      )
      yield* waitForText(page, "#list", /open.*GET \/event.*200/)
      yield* doing(async () => {
        expect(await rowsOf(page).count()).toBe(4)
        expect(await page.title()).toBe("(2) node main.ts · Scopeline")
        expect(errors).toEqual([])
        expect(requests.every((url) => url.startsWith(server.address))).toBe(true)
      })
    }),
  )

  it.live("names a process once, by the service that has served", () =>
    Effect.gen(function* () {
      const runs = ["scopeline", "ticks", "other"].map((service, index) => ({
        number: 1,
        service,
        beganAt: now,
        pid: index < 2 ? 4711 : 4712,
      }))
      const { page } = yield* openPage(withRows({ runs }))
      const text = yield* doing(() => page.locator("#bar .program").innerText())
      expect(text).toBe("ticks (pid 4711), other (pid 4712)")
    }),
  )

  it.live("counts the age of what is open on, with nothing sent", () =>
    Effect.gen(function* () {
      const { page, server } = yield* openPage()
      yield* waitForText(page, "#list", "3 s")
      const sent = server.sent()
      yield* waitForText(page, "#list", "4 s")
      expect(server.sent()).toBe(sent)
    }),
  )

  it.live("ticks off what it waits for while it is empty, and says what to copy", () =>
    Effect.gen(function* () {
      const { page, server } = yield* openPage(emptySnapshot)
      yield* waitForText(page, "#steps", /Listening for spans \(done\)/)
      yield* waitForText(
        page,
        "#steps",
        /A request at \/v1\/traces \(not yet\).*Is the port right\?/,
      )
      yield* waitForText(page, "#steps", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:41573")
      server.change({ put: [plainRow(1)] })
      yield* doing(() => page.locator("#steps").waitFor({ state: "hidden" }))
      yield* doing(() => rowsOf(page).first().waitFor())
    }),
  )

  it.live("calls nothing healthy: it says what was judged and what was not", () =>
    Effect.gen(function* () {
      const counts = { open: 12, lastHeard: 0, ended: 1204, judged: 1204, letGo: 0, lostSpans: 0 }
      const { page } = yield* openPage({ ...emptySnapshot, rows: [openRow(1)], counts })
      yield* waitForText(
        page,
        "#findings",
        "No problems found: 1,204 exchanges judged, 12 open not judged yet.",
      )
    }),
  )

  it.live("filters by words and chips, and keeps both in its address", () =>
    Effect.gen(function* () {
      const { page, server } = yield* openPage()
      yield* doing(async () => {
        await page.getByRole("button", { name: "found", exact: true }).click()
        await page.getByText("2 of 4 shown").waitFor()
        await page.getByLabel("Search", { exact: true }).fill("slow")
        await page.getByText("1 of 4 shown").waitFor()
        expect(new URL(page.url()).hash).toBe("#/?q=slow&only=found")
        const other = await page.context().newPage()
        await other.goto(page.url())
        await other.getByText("1 of 4 shown").waitFor()
        expect(await other.getByLabel("Search", { exact: true }).inputValue()).toBe("slow")
      })
      expect(server.address).toBe(new URL(page.url()).origin)
    }),
  )

  it.live("says that no exchange matches, and shows all of them again", () =>
    Effect.gen(function* () {
      const { page } = yield* openPage()
      yield* doing(async () => {
        await page.getByLabel("Search", { exact: true }).fill("no such words")
        await page.getByText("No exchange matches.").waitFor()
        await page.getByRole("button", { name: "Show all" }).click()
        await page.getByText("4 of 4 shown").waitFor()
        expect(await page.getByLabel("Search", { exact: true }).inputValue()).toBe("")
      })
    }),
  )

  it.live("opens an exchange that its address names, and says of one that is not there", () =>
    Effect.gen(function* () {
      const [id] = first.examples
      const { page, server } = yield* openPage(withRows(), `/#/x/${id}`)
      yield* waitForText(page, "#detail", 'Scope "handler" closed at')
      yield* doing(() => page.goto(`${server.address}/#/x/${"0".repeat(32)}.${"1".repeat(16)}`))
      yield* waitForText(page, "#detail", "This exchange is not here any more.")
    }),
  )

  it.live("leads by keyboard alone from the first look to a finding copied as Markdown: f c", () =>
    Effect.gen(function* () {
      const { page } = yield* openPage()
      yield* doing(async () => {
        await page.context().grantPermissions(["clipboard-read", "clipboard-write"])
        await page.keyboard.press("f")
        await page.locator("#detail .timeline .rows").waitFor()
        await page.keyboard.press("c")
        await page.getByText(`Copied ${first.rule} as Markdown.`).waitFor()
        const copied = await page.evaluate(() => navigator.clipboard.readText())
        expect(copied).toMatch(
          /^### ✕ scope-closed-early[\s\S]*```text\n[\s\S]*scope handler[\s\S]*\*\*How to fix it\*\*/,
        )
      })
    }),
  )

  it.live("moves between rows, opens one and comes back to it by keyboard", () =>
    Effect.gen(function* () {
      const { page } = yield* openPage()
      const focused = () =>
        page.evaluate(() => document.activeElement?.closest("li")?.getAttribute("data-key"))
      yield* doing(async () => {
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        const second = await rowsOf(page).nth(1).getAttribute("data-key")
        expect(await focused()).toBe(second)
        await page.keyboard.press("Enter")
        await page.locator("#detail h2:focus").waitFor()
        await page.keyboard.press("Escape")
        await page.locator("#detail").waitFor({ state: "hidden" })
        expect(await focused()).toBe(second)
      })
    }),
  )

  it.live("lists its keys under ?, and has a switch that turns them off", () =>
    Effect.gen(function* () {
      const { page } = yield* openPage()
      yield* doing(async () => {
        await page.keyboard.press("?")
        await page.getByText("copy the finding as Markdown").waitFor()
        await page.getByLabel("Use these keys").uncheck()
        await page.keyboard.press("Escape")
        await page.getByText("copy the finding as Markdown").waitFor({ state: "hidden" })
        await page.keyboard.press("f")
        await page.waitForTimeout(100)
        expect(await page.locator("#detail").isVisible()).toBe(false)
      })
    }),
  )

  it.live("takes keys for text in a field", () =>
    Effect.gen(function* () {
      const { page } = yield* openPage()
      yield* doing(async () => {
        await page.keyboard.press("/")
        await page.keyboard.type("foo")
        expect(await page.getByLabel("Search", { exact: true }).inputValue()).toBe("foo")
        expect(await page.locator("#detail").isVisible()).toBe(false)
      })
    }),
  )

  it.live("lets rows in while the list is at rest, and counts them while somebody reads", () =>
    Effect.gen(function* () {
      const { page, server } = yield* openPage()
      server.change({ put: [plainRow(3, { startedAt: now + 1, route: "GET /third" })] })
      yield* waitForText(page, "#list", "GET /third")
      const before = yield* doing(async () => {
        await rowsOf(page).nth(1).hover()
        return page.evaluate(
          () => document.querySelector("#list li:nth-child(2)")?.getBoundingClientRect().top,
        )
      })
      server.change({ put: [plainRow(4, { startedAt: now + 2, route: "GET /fourth" })] })
      yield* waitForText(page, "#pill", "▲ 1 new")
      yield* doing(async () => {
        const after = await page.evaluate(
          () => document.querySelector("#list li:nth-child(2)")?.getBoundingClientRect().top,
        )
        expect(after).toBe(before)
      })
      yield* doing(async () => {
        expect(await rowsOf(page).filter({ hasText: "GET /fourth" }).count()).toBe(0)
        await page.getByRole("button", { name: "▲ 1 new" }).click()
        await rowsOf(page).filter({ hasText: "GET /fourth" }).waitFor()
      })
    }),
  )

  it.live("keeps the button for new rows in place for a reader who goes to it", () =>
    Effect.gen(function* () {
      const { page, server } = yield* openPage()
      yield* doing(() => rowsOf(page).nth(1).hover())
      server.change({ put: [plainRow(3, { startedAt: now + 1, route: "GET /third" })] })
      yield* waitForText(page, "#pill", "▲ 1 new")
      yield* doing(() => page.locator("#pill").hover())
      server.change({ put: [plainRow(4, { startedAt: now + 2, route: "GET /fourth" })] })
      yield* waitForText(page, "#pill", "▲ 2 new")
      yield* doing(async () => {
        await rowsOf(page).nth(1).locator("a, button").focus()
        await page.mouse.move(0, 0)
        await page.locator("#pill").focus()
      })
      server.change({ put: [plainRow(5, { startedAt: now + 3, route: "GET /fifth" })] })
      yield* waitForText(page, "#pill", "▲ 3 new")
      yield* doing(async () => {
        await page.keyboard.press("Enter")
        await rowsOf(page).filter({ hasText: "GET /fifth" }).waitFor()
        await page.locator("#pill").waitFor({ state: "hidden" })
      })
      server.change({ put: [plainRow(6, { startedAt: now + 4, route: "GET /sixth" })] })
      yield* waitForText(page, "#list", "GET /sixth")
    }),
  )

  it.live("goes on changing a row that is held in place", () =>
    Effect.gen(function* () {
      const { page, server } = yield* openPage()
      yield* doing(() => rowsOf(page).first().hover())
      server.change({
        put: [{ ...openRow(1), state: "ended", endedAt: now, endedBy: "client", events: 41 }],
      })
      yield* waitForText(page, "#list > li", /ended.*41 events.*client/s)
    }),
  )

  it.live(
    "shows no row of a server that was started again, as its findings are not known any more",
    () =>
      Effect.gen(function* () {
        const id = first.examples[0] ?? ""
        const { page, server } = yield* openPage(withRows(), `/#/x/${id}`)
        yield* waitForText(page, "#list", /✕ found/)
        yield* server.stop
        yield* waitForText(page, "#banner", /has not answered since/)
        yield* server.start({
          ...emptySnapshot,
          server: "two",
          rows: [plainRow(7, { route: "GET /seventh" })],
        })
        yield* waitForText(page, "#list", "GET /seventh")
        yield* waitForText(page, "body", "1 of 1 shown")
        yield* doing(async () => expect(await rowsOf(page).count()).toBe(1))
      }),
  )

  it.live("pauses itself, not its server: what came meanwhile is shown afterwards", () =>
    Effect.gen(function* () {
      const { page, server } = yield* openPage()
      yield* doing(() => page.keyboard.press("Space"))
      yield* waitForText(page, "#bar", "paused")
      server.change({ put: [plainRow(5, { startedAt: now + 5, route: "GET /fifth" })] })
      yield* doing(async () => {
        await page.waitForTimeout(300)
        expect(await rowsOf(page).filter({ hasText: "GET /fifth" }).count()).toBe(0)
        await page.keyboard.press("Space")
        await page.mouse.move(0, 0)
        await rowsOf(page).filter({ hasText: "GET /fifth" }).waitFor()
      })
    }),
  )

  it.live("keeps everything when its server is gone, says so, and goes on when it is back", () =>
    Effect.gen(function* () {
      const { page, server } = yield* openPage()
      yield* doing(async () => {
        await page.keyboard.press("f")
        await page.locator("#detail .timeline .rows").waitFor()
      })
      yield* server.stop
      yield* doing(async () => {
        await page.getByText("has not answered since").waitFor({ timeout: 3_000 })
        await page.keyboard.press("f")
        await page.locator("#detail").filter({ hasText: "slow-consumer" }).waitFor()
      })
      yield* server.start({
        ...withRows(),
        server: "two",
        rev: 1,
        counts: { ...withRows().counts, ended: 99 },
      })
      yield* waitForText(page, "#bar", "99 ended")
      yield* doing(async () => {
        expect(await page.locator("#banner").isVisible()).toBe(false)
        await page.locator("#detail").filter({ hasText: "slow-consumer" }).waitFor()
      })
    }),
  )

  it.live("asks for all of it where an update is missing", () =>
    Effect.gen(function* () {
      const { page, server } = yield* openPage()
      yield* doing(() => page.route("**/updates", (route) => route.abort()))
      server.change({ put: [plainRow(6, { startedAt: now + 6, route: "GET /sixth" })] })
      yield* waitForText(page, "#list", "GET /sixth")
    }),
  )

  it.live("says of a finding that it was taken back, is gone, or cannot be known yet", () =>
    Effect.gen(function* () {
      const { page, server } = yield* openPage()
      const runs = [...emptySnapshot.runs, { number: 2, service: "ticks", pid: 4802, beganAt: now }]
      const put = (kind: Partial<FindingKind>) =>
        server.change({ runs, findings: [{ ...first, ...kind }] })
      put({ state: "withdrawn", explainedBy: "context-lost" })
      yield* waitForText(page, "#findings", "Withdrawn: explained by context-lost.")
      yield* waitForText(page, "#findings", "No problems found: ")
      yield* waitForText(page, `#list [data-key="${first.examples[0]}"]`, "✓ ended")
      put({ state: "gone", judgedSince: 31 })
      yield* waitForText(page, "#findings", "Gone in run 2: 31 exchanges of the route judged.")
      yield* waitForText(page, "#findings", "No problems left: ")
      yield* waitForText(page, `#list [data-key="${first.examples[0]}"]`, /✕ found.*scope-closed/)
      put({ state: "not judged yet" })
      yield* waitForText(page, "#findings", "Not judged yet in run 2.")
      yield* waitForText(page, "#bar", "✕ 1 error")
      yield* doing(async () =>
        expect(await page.locator("#findings").innerText()).not.toContain("No problems"),
      )
      put({ state: "still there", run: 2 })
      yield* waitForText(page, "#findings", "Still there in run 2.")
      put({ state: "back", run: 2 })
      yield* waitForText(page, "#findings", "Back in run 2.")
      yield* waitForText(page, "#bar", "ticks (pid 4802) run 2")
    }),
  )

  it.live("says of what was open when its program went that it is not known to be open", () =>
    Effect.gen(function* () {
      const lost = { ...openRow(1), state: "last heard", lastHeardAt: now } as const
      const runs = [
        {
          ...emptySnapshot.runs[0],
          number: 1,
          service: "ticks",
          beganAt: 0,
          endedAt: now,
          exit: "SIGKILL",
        },
      ]
      const { page } = yield* openPage(withRows({ rows: [lost], runs }))
      yield* waitForText(page, "#list", /last heard \d\d:\d\d:\d\d.*program ended/s)
      yield* waitForText(page, "#bar", "program ended (SIGKILL)")
    }),
  )

  it.live("leads from what is held to the exchanges in which its function opened it", () =>
    Effect.gen(function* () {
      const inCode = { [CODE_FUNCTION]: "openEvents" }
      const spans = recorded("scope-closed-early").map((span) =>
        span.name === "scope handler"
          ? { ...span, attributes: { ...span.attributes, ...inCode } }
          : span,
      )
      const { rows } = pageOf([...spans, ...recorded("slow-consumer")]).snapshot
      const place = { function: "openEvents", file: "/app/src/routes.ts", line: 15 }
      const held = [{ kind: "scope", place, count: 1, oldestAt: now, inLastMinute: 0, grew: false }]
      const { page } = yield* openPage(withRows({ rows, held }))
      yield* doing(() => page.locator("#held .filter").click())
      yield* waitForText(page, "#shown", "1 of 2 shown")
    }),
  )

  it.live("counts what is held from a mark", () =>
    Effect.gen(function* () {
      const place = (count: number) => ({
        kind: "subscription",
        name: "bus",
        count,
        oldestAt: now,
        inLastMinute: 0,
        grew: false,
      })
      const { page, server } = yield* openPage(withRows({ held: [place(5)] }))
      yield* waitForText(page, "#held", "5 subscriptions")
      yield* doing(() => page.keyboard.press("m"))
      server.change({ held: [place(15)] })
      yield* waitForText(page, "#held", "+10 since the mark")
    }),
  )

  it.live("shows a hostile trace as text: nothing runs, and nothing is asked of others", () =>
    Effect.gen(function* () {
      const { snapshot, details } = pageOf(largeTrace(300, hostile))
      const { page, errors, requests, server } = yield* openPage(snapshot, "", details)
      yield* doing(async () => {
        await page.keyboard.press("f")
        await page.locator("#detail .timeline .rows").waitFor()
        await page.locator("#detail .all-spans summary").click()
        await page.locator("#detail .spans button").first().click()
        await page.locator(".bar-details").waitFor()
        const ran = await page.evaluate(() => "ran" in window)
        const width = await page.evaluate(() => document.documentElement.scrollWidth)
        expect({ ran, width, errors }).toEqual({ ran: false, width: 1280, errors: [] })
        expect(requests.filter((url) => !url.startsWith(server.address))).toEqual([])
      })
    }),
  )

  it.live("has 1,000 exchanges in its document, and of more only those in view", () =>
    Effect.gen(function* () {
      const rows = (count: number) =>
        Array.from({ length: count }, (_, index) => plainRow(count - index, { isStream: true }))
      const { page, server } = yield* openPage({ ...emptySnapshot, rows: rows(1_000) })
      yield* doing(async () => {
        await rowsOf(page).nth(999).waitFor({ state: "attached" })
        expect(await page.locator("*").count()).toBeLessThan(15_000)
      })
      server.change({ put: rows(3_000) })
      yield* waitForText(page, "#more", "Only rows in view are in the document")
      yield* doing(async () => {
        expect(await rowsOf(page).count()).toBeLessThan(70)
        const last = rows(3_000).at(-1)?.id
        await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
        await page.locator(`[data-key="${last}"]`).waitFor()
      })
    }),
  )
})
