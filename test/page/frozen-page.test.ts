import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { BrowserContextOptions } from "playwright-core"
import { largeTrace } from "../../bench/large-trace.ts"
import type { Attributes } from "../../otel/lifetimes/span.ts"
import type { Frozen } from "../../src/page/frozen.ts"
import { violations } from "../support/accessibility.ts"
import { browser, chromiumPath } from "../support/chromium.ts"
import { hostile } from "./hostile.ts"
import { pageServer } from "./page-server.ts"
import { emptySnapshot, fileOf, pageOf, plainRow, recorded } from "./snapshots.ts"

const visit = browser()

const doing = <A>(what: () => Promise<A>) => Effect.promise(what)

const folder = mkdtempSync(join(tmpdir(), "scopeline-page-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0

const open = Effect.fnUntraced(function* (frozen: Frozen, options?: BrowserContextOptions) {
  const file = join(folder, `${++files}.html`)
  writeFileSync(file, yield* doing(() => fileOf(frozen)))
  const visited = yield* visit(`file://${file}`, options)
  if (options?.javaScriptEnabled !== false) {
    yield* doing(() => visited.page.locator("#said").waitFor({ state: "attached" }))
  }
  return { ...visited, file }
})

const rules = ["scope-closed-early", "slow-consumer", "subscription-leak"]
const frozen = pageOf(rules.flatMap(recorded), {
  verdict: ["What happened."],
  environment: [["node", "v24"]],
})

const many: Frozen = {
  ...frozen,
  snapshot: {
    ...frozen.snapshot,
    rows: Array.from({ length: 300 }, (_, index) =>
      plainRow(index, { isStream: true }),
    ).toReversed(),
  },
}

const withAttributes = (attributes: Attributes) =>
  recorded("scope-closed-early").map((span) => ({
    ...span,
    attributes: { ...span.attributes, ...attributes },
  }))

const policyOf = (page: string): string =>
  /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ""

describe("a page as a file", () => {
  it("lets nothing be fetched, sent or run but what it brings along", async () => {
    const policy = policyOf(await fileOf(frozen))
    expect(policy).toMatch(
      /^default-src &#39;none&#39;; style-src &#39;sha256-\S+; script-src &#39;sha256-\S+ &#39;sha256-\S+; img-src data:; base-uri/,
    )
    expect(policy).not.toMatch(/unsafe|https?:|\*|connect/)
  })

  it("has no markup but its own, whatever the spans say", async () => {
    const page = await fileOf(pageOf(largeTrace(50, hostile)))
    expect(page.match(/<script/g)).toHaveLength(3)
    expect(page).not.toMatch(/<img|<b>window|onload="|<i>/)
    const own = page.replaceAll("\n", "").replace(/<script type="module">.*<\/script>/, "")
    expect(own).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202e\u2066]/u)
  })

  it("keeps no text that is too long to be read", async () => {
    const long = "x".repeat(100_000)
    const page = await fileOf({
      ...pageOf(largeTrace(4, { name: () => long, attributes: { [long]: long } })),
    })
    expect(page).toContain("scope-closed-early")
    expect(page).not.toMatch(/x{1001}/)
  })

  it("stays below 5 MB whatever the spans carry, and lists every kind that was found", async () => {
    const page = await fileOf(pageOf(largeTrace(3_000, hostile)))
    expect(page.length).toBeLessThan(5_000_000)
    const some = pageOf(recorded("scope-closed-early"))
    const findings = Array.from({ length: 150 }, (_, index) =>
      some.snapshot.findings.map((kind) => ({
        ...kind,
        id: `kind ${index}`,
        route: `GET /${index}`,
      })),
    ).flat()
    const listed = await fileOf({ ...some, snapshot: { ...some.snapshot, findings } })
    expect(listed).toContain("50 more kinds of findings, in short")
    expect(listed).toContain("scope-closed-early · error · once · GET /149")
  })

  it("takes 150 kB for one exchange, and 1.5 MB for 20,000 spans", async () => {
    expect((await fileOf(pageOf(recorded("scope-closed-early")))).length).toBeLessThan(150_000)
    const large = largeTrace(20_000, { name: () => "bus", attributes: {} })
    expect((await fileOf(pageOf(large))).length).toBeLessThan(1_500_000)
  })
})

describe.skipIf(chromiumPath === undefined)("a page as a file, in a browser", () => {
  it.live("asks nothing of any network, and opens an exchange all the same", () =>
    Effect.gen(function* () {
      const { page, errors, requests } = yield* open(frozen)
      yield* doing(async () => {
        await page.keyboard.press("f")
        await page.locator("#detail .timeline .rows").waitFor()
        expect({ errors, requests }).toEqual({ errors: [], requests: [] })
      })
    }),
  )

  it.live(
    "is read without its script: verdict, findings, drawings, advice, evidence, 200 exchanges",
    () =>
      Effect.gen(function* () {
        const { page } = yield* open(many, { javaScriptEnabled: false })
        yield* doing(async () => {
          for (const part of ["What happened.", ...rules, "How to fix it", "subscription bus"]) {
            await page.getByText(part).first().waitFor()
          }
          expect(await page.locator("#drawings .timeline").count()).toBe(3)
          expect(await page.locator("#drawings details[open]").count()).toBeGreaterThanOrEqual(6)
          expect(await page.locator("#list > li").count()).toBe(200)
          await page
            .getByText("100 more exchanges are listed when the script of this page runs.")
            .waitFor()
          expect(await page.locator("noscript p").count()).toBe(1)
        })
      }),
  )

  it.live("shows with its script what it showed without", () =>
    Effect.gen(function* () {
      const { page } = yield* open(frozen, { javaScriptEnabled: false })
      const { page: scripted } = yield* open(frozen)
      yield* doing(async () => {
        const text = (of: typeof page) => of.locator("main").innerText()
        expect(await text(scripted)).toBe(await text(page))
      })
    }),
  )

  it.live("says so where nothing was found", () =>
    Effect.gen(function* () {
      const counts = { open: 0, lastHeard: 0, ended: 5, judged: 5, letGo: 0, lostSpans: 0 }
      const { page } = yield* open({
        snapshot: { ...emptySnapshot, rows: [plainRow(1)], counts },
        details: [],
      })
      yield* doing(() => page.getByText("No problems found: 5 exchanges judged.").waitFor())
    }),
  )

  it.live("draws two exchanges on one axis, and marks what differs", () =>
    Effect.gen(function* () {
      const [broken, fixed] = ["scope-closed-early", "subscription-leak"].map((rule) =>
        pageOf(recorded(rule)),
      )
      const ids = [broken, fixed].flatMap((side) => side?.details[0]?.id ?? [])
      const panels = ids.map((id, index) => ({ id, title: index === 0 ? "before" : "after" }))
      const { page } = yield* open({
        ...frozen,
        snapshot: {
          ...frozen.snapshot,
          drawings: [{ heading: "Before and after", panels, compared: true }],
        },
      })
      yield* doing(async () => {
        await page.getByRole("heading", { name: "Before and after" }).waitFor()
        expect(await page.locator("#drawings .timeline").count()).toBe(2)
        expect(
          await page.locator("#drawings .difference").filter({ hasText: "only here" }).count(),
        ).toBeGreaterThan(0)
      })
    }),
  )

  it.live("is saved by a live page whose server is gone, without attributes of others", () =>
    Effect.gen(function* () {
      const spans = withAttributes({ "app.password": "secret" })
      const { snapshot, details } = pageOf(spans)
      const server = yield* pageServer(snapshot, details)
      const { page } = yield* visit(server.address)
      const saved = join(folder, "saved.html")
      yield* doing(async () => {
        await page.locator("#said").waitFor({ state: "attached" })
        await page.keyboard.press("f")
        await page.locator("#detail .timeline .rows").waitFor()
      })
      yield* server.stop
      yield* doing(async () => {
        const download = page.waitForEvent("download")
        await page.keyboard.press("s")
        await page.keyboard.press("Enter")
        await (await download).saveAs(saved)
      })
      expect(policyOf(readFileSync(saved, "utf8"))).toBe(
        policyOf(yield* doing(() => fileOf(frozen))),
      )
      const { page: file, errors } = yield* visit(`file://${saved}`)
      yield* doing(async () => {
        await file.locator("#said").waitFor({ state: "attached" })
        await file.keyboard.press("f")
        await file.locator("#detail .row .label").filter({ hasText: "stream event" }).click()
        const text = await file.locator(".bar-details").innerText()
        expect(text).toContain("effect.stream.name")
        expect(text).not.toContain("app.password")
        expect(errors).toEqual([])
      })
    }),
  )

  it.live("is saved with attributes of others where its reader ticks the box", () =>
    Effect.gen(function* () {
      const { snapshot, details } = pageOf(withAttributes({ "app.password": "secret" }))
      const server = yield* pageServer(snapshot, details)
      const { page } = yield* visit(server.address)
      const saved = join(folder, "whole.html")
      yield* doing(async () => {
        await page.locator("#said").waitFor({ state: "attached" })
        await page.keyboard.press("f")
        await page.locator("#detail .timeline .rows").waitFor()
        await page.getByRole("button", { name: "Save", exact: true }).click()
        await page.getByLabel("With query strings, log lines and attributes").check()
        const download = page.waitForEvent("download")
        await page.locator("#saving").getByRole("button", { name: "Save" }).click()
        await (await download).saveAs(saved)
        await page.locator("#saving").waitFor({ state: "hidden" })
      })
      const { page: file } = yield* visit(`file://${saved}`)
      yield* doing(async () => {
        await file.locator("#said").waitFor({ state: "attached" })
        await file.keyboard.press("f")
        await file.getByLabel("Search here").fill("app.password secret")
        await file.getByText(/^Spans \([0-9]+\)$/).waitFor()
      })
    }),
  )

  it.live("opens with 20,000 spans, and is searched, in a second of work", () =>
    Effect.gen(function* () {
      const large = pageOf(largeTrace(20_000, { name: () => "bus", attributes: {} }))
      const { page } = yield* open(large)
      yield* doing(async () => {
        const session = await page.context().newCDPSession(page)
        await session.send("Performance.enable", { timeDomain: "threadTicks" })
        await page.reload()
        await page.locator("#said").waitFor({ state: "attached" })
        const { metrics } = await session.send("Performance.getMetrics")
        expect(metrics.find(({ name }) => name === "TaskDuration")?.value).toBeLessThan(2)
      })
    }),
  )

  it.live("is not drawn again while it is scrolled", () =>
    Effect.gen(function* () {
      const { page } = yield* open(many)
      yield* doing(async () => {
        await page.evaluate(() => {
          const { requestAnimationFrame: request } = globalThis
          globalThis.requestAnimationFrame = (callback) => {
            document.body.dataset.again = "drawn"
            return request(callback)
          }
        })
        await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
        await page.waitForFunction(() => scrollY > 0)
        await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)))
        expect(await page.locator("body[data-again]").count()).toBe(0)
      })
    }),
  )

  it.live("fits onto paper", () =>
    Effect.gen(function* () {
      const { page } = yield* open(frozen, { viewport: { width: 700, height: 1000 } })
      const needed = yield* doing(async () => {
        await page.emulateMedia({ media: "print", colorScheme: "dark" })
        return page.evaluate(() => ({
          width: document.documentElement.scrollWidth,
          paper: getComputedStyle(document.body).backgroundColor,
        }))
      })
      expect(needed).toEqual({ width: 700, paper: "rgb(255, 255, 255)" })
      expect(yield* doing(() => page.getByRole("heading", { name: "Exchanges" }).isVisible())).toBe(
        true,
      )
    }),
  )

  it.live.each([1280, 390, 320])("is accessible and fits into %i pixels, light and dark", (width) =>
    Effect.gen(function* () {
      const { page } = yield* open(frozen, { viewport: { width, height: 800 } })
      for (const colorScheme of ["light", "dark"] as const) {
        yield* doing(() => page.emulateMedia({ colorScheme }))
        const problems = yield* violations(page)
        const needed = yield* doing(() => page.evaluate(() => document.documentElement.scrollWidth))
        expect({ colorScheme, problems, needed }).toEqual({
          colorScheme,
          problems: [],
          needed: width,
        })
      }
    }),
  )
})
