import { fileURLToPath, pathToFileURL } from "node:url"
import axe from "axe-core"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import type { Figure } from "../figure.ts"
import { toldMost, toldNone } from "./bar.ts"
import { brokenNow, streamNow } from "./exchanges.ts"
import { withReports } from "./reports.ts"
import { startWatch, type Watch } from "./watched.ts"

const inPage = async <A>(
  browser: Browser,
  options: BrowserContextOptions,
  use: (page: Page) => Promise<A>,
): Promise<A> => {
  const context = await browser.newContext(options)
  try {
    return await use(await context.newPage())
  } finally {
    await context.close()
  }
}

const schemes = ["light", "dark"] as const
const widths = [1280, 390, 320]

/** What axe finds, whether something stands out to the side, and which targets are too small. */
const problemsOf = async (page: Page, width: number, state: string) => {
  await page.evaluate(axe.source)
  const violations = await page.evaluate<ReadonlyArray<string>>(
    "axe.run().then(({ violations }) => violations.map(({ id }) => id))",
  )
  const wide = await page.evaluate(() => document.documentElement.scrollWidth)
  const small = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, select, input, summary")]
      .filter((control) => control.checkVisibility())
      .map((control) => (control.closest("label") ?? control).getBoundingClientRect())
      .filter(({ width, height }) => Math.min(width, height) > 0 && Math.min(width, height) < 24)
      .map(({ width, height }) => `${width.toFixed(0)} x ${height.toFixed(0)}`),
  )
  const at = `${state}, ${width} px`
  return {
    axe: violations.map((id) => `${at}: ${id}`),
    wide: wide > width ? [`${at}: ${wide} px`] : [],
    small: width < 1_000 ? small.map((size) => `${at}: ${size}`) : [],
  }
}

/** In turn: all there is, an exchange looked at closely, paused with its keys, the server gone. */
const lookThrough = async (browser: Browser) => {
  const problems: Array<Awaited<ReturnType<typeof problemsOf>>> = []
  for (const colorScheme of schemes) {
    for (const width of widths) {
      const watch = await startWatch()
      await inPage(browser, { colorScheme, viewport: { width, height: 800 } }, async (page) => {
        const look = async (state: string) =>
          problems.push(await problemsOf(page, width, `${state}, ${colorScheme}`))
        await page.goto(watch.page)
        await page.locator("#steps h2").waitFor()
        await look("empty")
        await watch.send([...brokenNow(1, "/broken"), ...streamNow(2)])
        await page.locator("#findings").getByText("scope-closed-early").first().waitFor()
        await look("found")
        await page.keyboard.press("f")
        await page.locator("#detail .row .label").first().click()
        await page.keyboard.press("+")
        await page.locator(".bar-details").waitFor()
        await look("an exchange")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Space")
        await page.keyboard.press("?")
        await page.locator("#keys[open]").waitFor()
        await look("paused, with its keys")
        await page.keyboard.press("?")
        await page.keyboard.press("Space")
        await watch.stop()
        await page.getByText("has not answered since").waitFor()
        await look("its server gone")
      }).finally(watch.stop)
    }
  }
  return [
    toldNone(
      "axe, each state, light and dark",
      problems.flatMap((one) => one.axe),
    ),
    toldNone(
      "no scrolling to the side, 1280, 390 and 320 px",
      problems.flatMap((one) => one.wide),
    ),
    toldNone(
      "targets of 24 px, 390 and 320 px",
      problems.flatMap((one) => one.small),
    ),
  ]
}

const rules = ["scope-closed-early", "slow-consumer"]

const recording = (rule: string) =>
  fileURLToPath(new URL(`../../docs/rules/${rule}.otlp.jsonl`, import.meta.url))

/** What a report shows where no script runs. */
const withoutScript = (browser: Browser) =>
  withReports(async ({ ofFile }) => {
    const missing: Array<string> = []
    for (const rule of rules) {
      await inPage(browser, { javaScriptEnabled: false }, async (page) => {
        await page.goto(pathToFileURL(ofFile(recording(rule))).href)
        for (const selector of ["#verdict", "#drawings .timeline", "#list > li"]) {
          if (!(await page.locator(selector).first().isVisible())) missing.push(selector)
        }
        const text = await page.locator("main").innerText()
        for (const part of [rule, "How to fix it", "Evidence"]) {
          if (!text.includes(part)) missing.push(`${rule}: ${part}`)
        }
      })
    }
    return toldNone("without JavaScript: verdict, finding, advice, drawing, exchanges", missing)
  })

/** Findings stand in the document before its script runs, and hears keys. */
const openFinding = async (page: Page, address: string): Promise<void> => {
  await page.goto(address)
  await page.locator("#said").waitFor({ state: "attached" })
  await page.locator("#findings li").first().waitFor()
  await page.keyboard.press("f")
  await page.locator("#detail .timeline .rows").waitFor()
}

/** From the first look to a finding on the clipboard. */
const byKeyboard = (browser: Browser, watch: Watch) =>
  inPage(browser, { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await openFinding(page, watch.page)
    await page.keyboard.press("c")
    await page.getByText(/^Copied .* as Markdown\.$/).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    return toldNone("by keyboard: f c copies a finding", copied.startsWith("### ") ? [] : [copied])
  })

/** The server ends and is started again, while an exchange is looked at. */
const restarted = (browser: Browser, watch: Watch) =>
  inPage(browser, {}, async (page) => {
    await openFinding(page, watch.page)
    const address = page.url()
    await watch.stop()
    const ended = performance.now()
    await page.locator("#banner:not([hidden])").waitFor()
    const banner = (performance.now() - ended) / 1_000
    const again = await startWatch(Number(new URL(watch.page).port))
    const began = performance.now()
    await page.locator("#banner").waitFor({ state: "hidden" })
    const back = (performance.now() - began) / 1_000
    const isSame = page.url() === address && (await page.locator("#detail .rows").isVisible())
    await again.stop()
    return [
      toldMost("server killed: banner", banner, 3, "s"),
      toldMost("server back: goes on", back, 2, "s"),
      toldNone("with the same view", isSame ? [] : ["it is another"]),
    ]
  })

/** How the page is read: by everyone, without a script, by keyboard, and when its server is gone. */
export const measureReading = async (browser: Browser): Promise<ReadonlyArray<Figure>> => {
  const met = [...(await lookThrough(browser)), await withoutScript(browser)]
  const watch = await startWatch()
  try {
    await watch.send([...brokenNow(1, "/broken"), ...streamNow(2)])
    met.push(await byKeyboard(browser, watch))
    met.push(...(await restarted(browser, watch)))
  } finally {
    await watch.stop()
  }
  return met
}
