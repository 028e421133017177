import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { BrowserContextOptions, Page } from "playwright-core"
import { violations } from "../support/accessibility.ts"
import { browser, chromiumPath } from "../support/chromium.ts"
import { pageServer } from "./page-server.ts"
import { type PageStateCase, pageStates } from "./page-states.ts"

const visit = browser()

const doing = <A>(what: () => Promise<A>) => Effect.promise(what)

interface Options extends BrowserContextOptions {
  readonly viewport: { readonly width: number; readonly height: number }
}

/** Brings a page into the state, as it was just opened. */
const bring = Effect.fnUntraced(function* (
  page: Page,
  { snapshot, details, reach }: PageStateCase,
) {
  const server = yield* pageServer(snapshot, details)
  yield* doing(() => page.emulateMedia({ colorScheme: null }))
  yield* doing(() => page.goto(server.address))
  yield* doing(() => page.locator("#said").waitFor({ state: "attached" }))
  if (reach !== undefined) yield* reach(page, server)
})

const reached = Effect.fnUntraced(function* (state: PageStateCase, options: BrowserContextOptions) {
  const { page } = yield* visit("about:blank", options)
  yield* bring(page, state)
  return page
})

const schemes = ["light", "dark"] as const

/** What can be pressed and is smaller than a finger needs; what is not in view until it has the focus is none. */
const smallTargets = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("a, button, select, input, summary")].flatMap((target) => {
      const { width, height, bottom } = target.getBoundingClientRect()
      const isSmall = width > 0 && bottom > 0 && Math.min(width, height) < 23.5
      const isOfLabel = target.closest("label") !== null
      return isSmall && !isOfLabel ? [`${target.outerHTML.slice(0, 80)} ${width} x ${height}`] : []
    }),
  )

const isSound = Effect.fnUntraced(function* (page: Page, state: PageStateCase, width: number) {
  yield* bring(page, state)
  const { name } = state
  for (const colorScheme of schemes) {
    yield* doing(() => page.emulateMedia({ colorScheme }))
    const problems = yield* violations(page)
    const needed = yield* doing(() => page.evaluate(() => document.documentElement.scrollWidth))
    const small = yield* doing(() => smallTargets(page))
    const sound = { name, colorScheme, problems: [], needed: width, small: [] }
    expect({ name, colorScheme, problems, needed, small }).toEqual(sound)
  }
}, Effect.scoped)

/** In one page: to open one takes longer than to look at it. Each state has its own origin. */
const areSound = Effect.fnUntraced(function* (width: number) {
  const { page } = yield* visit("about:blank", { viewport: { width, height: 800 } })
  yield* Effect.forEach(pageStates, (state) => isSound(page, state, width), { discard: true })
})

const listTop = Effect.fnUntraced(function* (name: string, options: Options) {
  const state = pageStates.find((it) => it.name === name)
  if (state === undefined) throw new Error(`there is no state ${name}`)
  const page = yield* reached(state, options)
  const box = yield* doing(() => page.locator("#list").boundingBox())
  return box?.y ?? Number.NaN
}, Effect.scoped)

const givesMarkdown = Effect.fnUntraced(function* (state: PageStateCase) {
  const page = yield* reached(state, { permissions: ["clipboard-read", "clipboard-write"] })
  yield* doing(async () => {
    if (!(await page.locator("#detail").isVisible())) await page.keyboard.press("f")
    await page.locator("#detail .timeline .rows").waitFor()
    await page.keyboard.press("c")
    await page.getByText(/^Copied .* as Markdown\.$/).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied, state.name).toMatch(/^### [✕▲] [\s\S]*\*\*How to fix it\*\*/)
  })
}, Effect.scoped)

/** In a dialog and in a field the keys are those of the dialog and the field. */
const hasKeys = ({ name, snapshot, details }: PageStateCase): boolean =>
  snapshot.findings.length > 0 && details !== undefined && !/keys|saved|words/.test(name)

describe.skipIf(chromiumPath === undefined)("every state of the page", () => {
  it.live.each([1280, 390, 320])(
    "is accessible and fits into %i pixels, light and dark",
    areSound,
    120_000,
  )

  it.live.each([1280, 390, 320])(
    "has its list about as far up with the longest of names, at %i pixels",
    (width) =>
      Effect.gen(function* () {
        const options = { viewport: { width, height: 800 } }
        const usual = yield* listTop("all there is", options)
        expect(yield* listTop("the longest of names", options)).toBeLessThan(usual * 1.6)
      }),
  )

  it.live.each(pageStates.filter(hasKeys))(
    "gives a finding as Markdown by the keyboard alone: $name",
    givesMarkdown,
  )
})
