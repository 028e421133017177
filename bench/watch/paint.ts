import { pathToFileURL } from "node:url"
import type { Browser } from "playwright-core"
import { median } from "../statistics.ts"
import { isMet } from "./bar.ts"
import { manySpans, withReports } from "./reports.ts"
import { startWatch } from "./watched.ts"

const visits = 7

interface Times {
  readonly painted: number
  readonly usable: number
}

/** When something is seen, and when the script of the page has taken over, in milliseconds. */
const visit = async (browser: Browser, address: string): Promise<Times> => {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.getElementById("said") === null) return
        observer.disconnect()
        performance.mark("usable")
      }).observe(document, { childList: true, subtree: true })
    })
    await page.goto(address)
    await page.locator("#said").waitFor({ state: "attached" })
    return await page.evaluate(() => {
      const [paint] = performance.getEntriesByName("first-contentful-paint")
      const [mark] = performance.getEntriesByName("usable")
      return { painted: paint?.startTime ?? Number.NaN, usable: mark?.startTime ?? Number.NaN }
    })
  } finally {
    await context.close()
  }
}

const times = async (browser: Browser, address: string): Promise<Times> => {
  const all: Array<Times> = []
  for (let count = 0; count < visits; count++) all.push(await visit(browser, address))
  return {
    painted: median(all.map(({ painted }) => painted)),
    usable: median(all.map(({ usable }) => usable)),
  }
}

/** How soon a page is seen and used; medians. */
export const measurePaint = async (browser: Browser): Promise<ReadonlyArray<boolean>> => {
  const watch = await startWatch()
  const live = await times(browser, watch.page).finally(watch.stop)
  const report = await withReports(({ ofSpans }) =>
    times(browser, pathToFileURL(ofSpans(manySpans())).href),
  )
  return [
    isMet("first paint, live and empty", live.painted, 300, "ms"),
    isMet("first paint, report of 20,000 spans", report.painted, 400, "ms"),
    isMet("the same usable", report.usable, 1_000, "ms"),
  ]
}
