import type { Browser, Page } from "playwright-core"
import type { Figure } from "../figure.ts"
import { median } from "../statistics.ts"
import { toldMost, toldNone } from "./bar.ts"
import { streamNow } from "./exchanges.ts"
import { startWatch, type Watch } from "./watched.ts"

const whole = 1_000
const keys = "get /event ticks"

/** Streams, because of plain exchanges many are one row. */
const fill = async (watch: Watch, from: number, to: number): Promise<void> => {
  for (let first = from; first < to; first += 100) {
    await watch.send(Array.from({ length: 100 }, (_, index) => streamNow(first + index)).flat())
  }
}

const rowsOf = (page: Page) => page.locator("#list > li.exchange")

/** How long each key of a search takes until its result is painted, in milliseconds. */
const keyTimes = async (page: Page): Promise<ReadonlyArray<number>> => {
  const field = page.getByLabel("Search", { exact: true })
  await page.evaluate(() => {
    const times: Array<number> = []
    Object.assign(globalThis, { times })
    document.addEventListener("input", ({ timeStamp }) =>
      requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - timeStamp))),
    )
  })
  await field.pressSequentially(keys, { delay: 150 })
  await page.waitForFunction(`times.length >= ${keys.length}`)
  const times: ReadonlyArray<number> = await page.evaluate("times")
  await field.fill("")
  return times
}

/** A list of as many exchanges as stand in the document, and of more. */
export const measureList = async (browser: Browser): Promise<ReadonlyArray<Figure>> => {
  const watch = await startWatch()
  const page = await browser.newPage()
  try {
    await fill(watch, 0, whole)
    await page.goto(watch.page)
    await rowsOf(page)
      .nth(whole - 1)
      .waitFor({ state: "attached" })
    const nodes = await page.locator("*").count()
    const key = median(await keyTimes(page))
    await fill(watch, whole, 3 * whole)
    await page.getByText("Only rows in view are in the document").waitFor()
    return [
      toldNone(`${whole} exchanges are all in the document`, []),
      toldMost("its nodes", nodes, 15_000),
      toldMost("a key in its search, median", key, 50, "ms"),
      toldMost("of more exchanges, rows in the document", await rowsOf(page).count(), 60),
    ]
  } finally {
    await page.close()
    await watch.stop()
  }
}
