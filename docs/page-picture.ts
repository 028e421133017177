import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { chromium } from "playwright-core"
import { chromiumArgs, chromiumPath } from "./chromium-path.ts"

const scopeline = "bin/scopeline.js"

/** A screenshot of the page of `watch`, as PNG, while it shows the broken event server and four clients of it. */
export const pagePicture = async (): Promise<Uint8Array> => {
  const watch = ["watch", "--port", "0", "--", "node", scopeline, "serve", "--port", "0"]
  const child = spawn(process.execPath, [scopeline, ...watch], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  try {
    const [page, server] = await Promise.all([
      written(child.stderr, /page (http:\S+)/),
      written(child.stdout, /(http:\/\/127\.0\.0\.1:\d+)/),
    ])
    for (let client = 1; client <= 4; client++) {
      await (await fetch(`${server}/event`)).text()
      await (await fetch(`${server}/health`)).text()
    }
    return await screenshot(page)
  } finally {
    child.kill("SIGINT")
    await once(child, "exit")
  }
}

/** The text of an output up to the first match of this. The rest is read, and dropped. */
const written = (output: Readable, pattern: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    const lines = createInterface({ input: output })
    lines.on("line", (line) => {
      const [, found] = pattern.exec(line) ?? []
      if (found !== undefined) resolve(found)
    })
    lines.on("close", () => reject(new Error(`Nothing was written that looks like ${pattern}.`)))
  })

const screenshot = async (address: string): Promise<Uint8Array> => {
  const browser = await chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: chromiumArgs,
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 840 } })
    await page.goto(address)
    const finding = page.locator("#findings").getByText("scope-closed-early").first()
    await finding.click()
    await page.getByText("How to fix it").first().waitFor()
    await page.evaluate("scrollTo(0, 0)")
    return await page.screenshot()
  } finally {
    await browser.close()
  }
}
