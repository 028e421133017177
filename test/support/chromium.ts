import { Effect } from "effect"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { afterAll } from "vitest"
import { chromiumArgs, chromiumPath } from "../../docs/chromium-path.ts"

export { chromiumPath }

if (chromiumPath === undefined) {
  console.info("skipped: a real browser, because there is no Chromium (CHROMIUM_PATH names one)")
}

/** A page that shares nothing with another one, with what went wrong on it and what it asked the network for. */
export interface Visit {
  readonly page: Page
  /** Errors of the console, and errors that no script caught. */
  readonly errors: ReadonlyArray<string>
  /** The addresses it asked for; its own file and what stands inside it are none. */
  readonly requests: ReadonlyArray<string>
}

/**
 * A browser without a window for all tests of a file, because to start it takes longer than most of
 * them. Gives what visits an address in it.
 */
export const browser = () => {
  let launched: Promise<Browser> | undefined
  afterAll(async () => (await launched)?.close())
  return visitIn(() => {
    if (chromiumPath === undefined) throw new Error("there is no Chromium")
    launched ??= chromium.launch({ executablePath: chromiumPath, args: chromiumArgs })
    return launched
  })
}

/** Opens an address in a page, closed with the scope; `prepare` is done before it is opened. */
const visitIn = (browser: () => Promise<Browser>) =>
  Effect.fnUntraced(function* (
    address: string,
    options: BrowserContextOptions = {},
    prepare: (page: Page) => Promise<unknown> = async () => {},
  ) {
    const context = yield* Effect.acquireRelease(
      Effect.promise(async () => (await browser()).newContext(options)),
      (context) => Effect.promise(() => context.close()),
    )
    const page = yield* Effect.promise(() => context.newPage())
    yield* Effect.promise(() => prepare(page))
    const errors: Array<string> = []
    const requests: Array<string> = []
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text())
    })
    page.on("pageerror", (error) => errors.push(String(error)))
    page.on("request", (request) => {
      const url = request.url()
      if (!/^(file|data|blob|about):/.test(url)) requests.push(url)
    })
    yield* Effect.promise(() => page.goto(address))
    const seen: Visit = { page, errors, requests }
    return seen
  })
