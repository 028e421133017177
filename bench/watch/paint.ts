import { pathToFileURL } from "node:url"
import type { Browser } from "playwright-core"
import type { Figure } from "../figure.ts"
import { toldMost } from "./bar.ts"
import { freeTime } from "./free-time.ts"
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

const painted = (browser: Browser, address: string) =>
  freeTime(visits, async () => (await visit(browser, address)).painted)

const usable = (browser: Browser, address: string) =>
  freeTime(visits, async () => (await visit(browser, address)).usable)

/** How soon a page is seen and used. */
export const measurePaint = async (browser: Browser): Promise<ReadonlyArray<Figure>> => {
  const watch = await startWatch()
  const live = await painted(browser, watch.page).finally(watch.stop)
  return withReports(async ({ ofSpans }) => {
    const report = pathToFileURL(ofSpans(manySpans())).href
    return [
      toldMost("first paint, live and empty", live, 300, "ms"),
      toldMost("first paint, report of 20,000 spans", await painted(browser, report), 400, "ms"),
      toldMost("the same usable", await usable(browser, report), 1_000, "ms"),
    ]
  })
}
