import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { encodeJson } from "../../../src/otlp/encode.ts"
import { hexOf, spanOf } from "../../otlp/spans.ts"
import { browser, chromiumPath } from "../../support/chromium.ts"
import { scopelineProcess } from "../../support/process.ts"
import { signalsReachProcesses, stop } from "../../support/stop.ts"
import { StreamReader } from "../../support/stream-reader.ts"
import { watched, watchedServer, watching } from "./watching.ts"

const visit = browser()

const doing = <A>(what: () => Promise<A>) => Effect.promise(what)

/** A browser, a program and watch take long to start where others use the machine. */
const patience = 90_000

const shows = (page: Page, selector: string, text: RegExp) =>
  doing(() =>
    page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: patience }),
  )

/** How many milliseconds it takes. */
const timed = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const start = performance.now()
  yield* effect
  return Math.round(performance.now() - start)
})

const ask = (url: string) => Effect.promise(async (signal) => (await fetch(url, { signal })).text())

const example = ["--", process.execPath, "examples/events/main.ts"]

const spansEach = 20

/** An exchange of another program that ended well, and what it did. */
const plainExchange = (number: number) => {
  const traceId = hexOf(number, 32)
  const server = spanOf({
    traceId,
    kind: "server",
    name: "GET",
    attributes: {
      "http.route": "/plain",
      "http.request.method": "GET",
      "exchange.ended_by": "server",
    },
  })
  const queries = Array.from({ length: spansEach - 1 }, (_, index) =>
    spanOf({ traceId, spanId: hexOf(index + 100, 16), parentSpanId: server.spanId, name: "query" }),
  )
  return [server, ...queries]
}

const flood = Effect.fnUntraced(function* (otlp: string, spans: number) {
  const headers = { "content-type": "application/json" }
  const batch = 100
  for (let first = 1; first <= spans / spansEach; first += batch) {
    const all = Array.from({ length: batch }, (_, index) => plainExchange(first + index)).flat()
    const request = { method: "POST", headers, body: encodeJson(all) }
    yield* doing(() => fetch(`${otlp}/v1/traces`, request))
  }
})

describe.skipIf(chromiumPath === undefined || !signalsReachProcesses)("the page of watch", () => {
  it.live(
    "shows an example's exchange while it is open, growing, and its finding without a click",
    () =>
      Effect.gen(function* () {
        const watch = yield* watching(example, { PORT: "0" })
        const server = yield* watch.written(/Listening on (http:\S+)/i)
        const { page, errors } = yield* visit(watch.page)
        yield* shows(page, "#page", /The program runs/)
        const reader = yield* StreamReader.open(`${server}/healthy`)
        const millis = yield* timed(shows(page, "#list", /open.*GET \/healthy.*200/s))
        yield* reader.frameCount(1)
        yield* shows(page, "#list", /GET \/healthy.*200.*[2-9] s/s)
        yield* ask(`${server}/broken`)
        const found = yield* timed(
          shows(page, "#findings", /scope-closed-early.*certain.*GET \/broken/s),
        )
        yield* watch.written(/ ✕ scope-closed-early /)
        console.info(`on the page ${millis} ms after the request, found ${found} ms after it ended`)
        yield* shows(page, "#held", /1 subscription.*1 stream|1 stream.*1 subscription/s)
        expect(errors).toEqual([])
      }),
    2 * patience,
  )

  it.live(
    "says gone after a restart without the bug, and shows where the run began",
    () =>
      Effect.gen(function* () {
        const watch = yield* watching(["--otlp-port", "0"])
        const { page } = yield* visit(watch.page)
        const broken = yield* watchedServer(watch.otlp)
        yield* ask(`${broken.address}/event`)
        yield* shows(page, "#findings", /scope-closed-early/)
        yield* stop(broken)
        const fixed = yield* watchedServer(watch.otlp, ["--fixed"])
        yield* shows(page, "#findings", /Not judged yet in run 2/)
        const reader = yield* StreamReader.open(`${fixed.address}/event`)
        yield* reader.frameCount(1)
        yield* reader.leave
        yield* shows(page, "#findings", /Gone in run 2: 1 exchange/)
        yield* shows(page, "#list", /run 2/)
        fixed.signal("SIGKILL")
      }),
    2 * patience,
  )

  it.live(
    "says of the exchange that is shown that it is old, when watch was killed and started again",
    () =>
      Effect.gen(function* () {
        const start = (page: string, otlp: string) =>
          Effect.flatMap(
            scopelineProcess(["watch", "--port", page, "--otlp-port", otlp, "--grace", "200ms"]),
            watched,
          )
        const first = yield* start("0", "0")
        const [pagePort, otlpPort] = [first.page, first.otlp].map((url) => new URL(url).port)
        const server = yield* watchedServer(first.otlp)
        yield* ask(`${server.address}/event`)
        const { page, errors } = yield* visit(first.page)
        yield* shows(page, "#findings", /scope-closed-early/)
        yield* doing(() => page.keyboard.press("f"))
        yield* shows(page, "#detail", /scope handler/)
        first.signal("SIGKILL")
        const lost = yield* timed(shows(page, "#banner", /has not answered since/))
        yield* shows(page, "#detail", /scope handler/)
        const again = yield* start(pagePort ?? "", otlpPort ?? "")
        const back = yield* timed(shows(page, "#detail", /from before Scopeline was started again/))
        expect(yield* doing(() => page.locator("#banner").isVisible())).toBe(false)
        yield* shows(page, "#detail", /Scope "handler" closed at/)
        yield* doing(async () => {
          await page.context().grantPermissions(["clipboard-read", "clipboard-write"])
          await page.keyboard.press("c")
          await page.getByText("Copied scope-closed-early as Markdown.").waitFor()
        })
        yield* ask(`${server.address}/event`)
        yield* again.finding(({ rule }) => rule === "scope-closed-early")
        yield* shows(page, "#findings", /scope-closed-early.*once/s)
        console.info(`the banner came after ${lost} ms, the page was back after ${back} ms`)
        expect(lost).toBeLessThan(3_000)
        expect(back).toBeLessThan(2_000)
        expect(errors.filter((error) => !/ERR_|Failed to load/.test(error))).toEqual([])
      }),
    2 * patience,
  )

  it.live(
    "keeps what is open while 120,000 other spans come",
    () =>
      Effect.gen(function* () {
        const watch = yield* watching(["--otlp-port", "0"])
        const server = yield* watchedServer(watch.otlp, ["--fixed"])
        const reader = yield* StreamReader.open(`${server.address}/event`)
        yield* reader.frameCount(1)
        yield* watch.row(({ route, endedAt }) => route === "GET /event" && endedAt === undefined)
        yield* flood(watch.otlp, 120_000)
        const { page } = yield* visit(watch.page)
        yield* shows(page, "#list", /open.*GET \/event/s)
        yield* shows(page, "#page", /without a finding are not listed any more/)
        const [row] = (yield* watch.snapshot).rows.filter(({ endedAt }) => endedAt === undefined)
        const detail = yield* watch.get(`/exchange/${row?.id}`)
        expect(detail.status).toBe(200)
        expect(JSON.parse(detail.text).layout.rows.length).toBeGreaterThan(2)
      }),
    3 * patience,
  )
})
