import { loadavg } from "node:os"
import { chromium } from "playwright-core"
import { chromiumArgs, chromiumPath } from "../docs/chromium-path.ts"
import { type Figure, told } from "./figure.ts"
import { measureFiles } from "./watch/files.ts"
import { measureLargeExchange } from "./watch/large-exchange.ts"
import { measureList } from "./watch/list.ts"
import { measurePaint } from "./watch/paint.ts"
import { measureReading } from "./watch/reading.ts"
import { measureTraffic } from "./watch/traffic.ts"

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  if (chromiumPath === undefined) {
    return [told("not measured: there is no Chromium (CHROMIUM_PATH names one)", "", "", false)]
  }
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs })
  try {
    const load = loadavg().map((one) => one.toFixed(1))
    console.log(`  Chromium ${browser.version()}; load ${load.join(" ")}`)
    const parts = [
      measureFiles,
      measurePaint,
      measureList,
      measureLargeExchange,
      measureReading,
      measureTraffic,
    ]
    const figures: Array<Figure> = []
    for (const measure of parts) figures.push(...(await measure(browser)))
    return figures
  } finally {
    await browser.close()
  }
}
