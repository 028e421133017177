import { pathToFileURL } from "node:url"
import type { Browser, Page } from "playwright-core"
import { judgeTrace } from "../../otel/lifetimes/judge-trace.ts"
import { traceOf } from "../../otel/lifetimes/trace.ts"
import type { Figure } from "../figure.ts"
import { median } from "../statistics.ts"
import { cpuMillis } from "../usage.ts"
import { toldMost } from "./bar.ts"
import { freeTime } from "./free-time.ts"
import { manySpans, withReports } from "./reports.ts"
import { startWatch } from "./watched.ts"

const sizes = [5_000, 10_000, 20_000]
const rounds = 5
/** Of each size so many spans are judged at a time: what one judgement leaves behind, another would clear away. */
const spansJudged = 100_000

/** Gives what it takes to judge an exchange of so many spans, in milliseconds of CPU time. */
const judgementOf = (size: number): (() => number) => {
  const trace = traceOf(manySpans(size))
  const now = Math.max(...[...trace.values()].map(({ endedAt }) => endedAt)) + 10_000_000
  const times = spansJudged / size
  return () => {
    const start = cpuMillis()
    for (let time = 0; time < times; time++) {
      judgeTrace(trace, { now, grace: 1_000_000, final: true })
    }
    return (cpuMillis() - start) / times
  }
}

const judging = (): ReadonlyArray<Figure> => {
  const ofSizes = sizes.map(judgementOf)
  const costs = Array.from({ length: rounds }, () => ofSizes.map((cost) => cost()))
  const medians = sizes.map((_, index) => median(costs.map((round) => round[index] ?? Number.NaN)))
  const [least = Number.NaN, most = Number.NaN] = [medians[0], medians.at(-1)]
  return [
    toldMost("20,000 spans in one exchange, judged, CPU", most, 500, "ms"),
    // Over all of them: at which size one more collection of garbage falls due is chance.
    toldMost("growth per doubling", (most / least) ** (1 / (sizes.length - 1)), 2.5, "x"),
  ]
}

interface TraceEvent {
  readonly name: string
  /** CPU time, in microseconds. */
  readonly tdur?: number
  readonly pid: number
  readonly tid: number
  readonly args: { readonly name?: string }
}

/** The CPU time of the longest task of the page while it does something, in milliseconds. */
const longestTask = async (browser: Browser, page: Page, act: () => Promise<void>) => {
  const categories = ["disabled-by-default-devtools.timeline", "toplevel"]
  await browser.startTracing(page, { categories })
  await act()
  const { traceEvents }: { readonly traceEvents: ReadonlyArray<TraceEvent> } = JSON.parse(
    (await browser.stopTracing()).toString("utf8"),
  )
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const tasks = traceEvents.filter(
    ({ name, pid, tid }) => /RunTask$/.test(name) && main.has(`${pid} ${tid}`),
  )
  if (tasks.length === 0) throw new Error("no task of the page was traced")
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1_000
}

const scrollThrough = async (page: Page): Promise<void> => {
  await page.mouse.move(900, 500)
  const to = async (by: number, isThere: () => boolean) => {
    while (!(await page.evaluate(isThere))) {
      await page.mouse.wheel(0, by)
      await page.waitForTimeout(50)
    }
  }
  await to(400, () => scrollY + innerHeight >= document.documentElement.scrollHeight - 2)
  await to(-400, () => scrollY === 0)
}

/** Opens the exchange at its address, as the first thing that its page shows. */
const opening = (page: Page, address: string): Promise<number> =>
  freeTime(rounds, async () => {
    await page.goto("about:blank")
    const start = performance.now()
    await page.goto(address)
    await page.locator("#detail .timeline .rows").waitFor()
    return performance.now() - start
  })

const inWatch = async (browser: Browser): Promise<ReadonlyArray<Figure>> => {
  const watch = await startWatch()
  const page = await browser.newPage()
  try {
    const spans = manySpans()
    for (let first = 0; first < spans.length; first += 500) {
      await watch.send(spans.slice(first, first + 500))
    }
    await page.goto(watch.page)
    await page.locator("#list li.found").first().waitFor()
    const [row] = (await watch.snapshot()).rows
    const opened = await opening(page, `${watch.page}/#/x/${row?.id}`)
    const nodes = await page.locator("*").count()
    await page.locator("#detail .all-spans summary").click()
    const task = await longestTask(browser, page, () => scrollThrough(page))
    return [
      toldMost("opened", opened, 1_000, "ms"),
      toldMost("its nodes", nodes, 3_000),
      toldMost("longest task while it is scrolled to the end and back, CPU", task, 50, "ms"),
    ]
  } finally {
    await page.close()
    await watch.stop()
  }
}

const inReport = (browser: Browser): Promise<Figure> =>
  withReports(async ({ ofSpans }) => {
    const page = await browser.newPage()
    try {
      await page.goto(pathToFileURL(ofSpans(manySpans())).href)
      await page.locator("#said").waitFor({ state: "attached" })
      const task = await longestTask(browser, page, () => scrollThrough(page))
      return toldMost("the same in a report", task, 50, "ms")
    } finally {
      await page.close()
    }
  })

/** An exchange of 20,000 spans: judged, opened, looked through. */
export const measureLargeExchange = async (browser: Browser): Promise<ReadonlyArray<Figure>> => [
  ...judging(),
  ...(await inWatch(browser)),
  await inReport(browser),
]
