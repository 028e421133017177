import { get } from "node:http"
import type { Browser, CDPSession, Page } from "playwright-core"
import type { Figure } from "../figure.ts"
import { median, percentile } from "../statistics.ts"
import { toldMost, toldNone } from "./bar.ts"
import { brokenNow, exchangeNow, rowIdOf } from "./exchanges.ts"
import { startServer, startWatch, type Watch } from "./watched.ts"

/** An hour where `BENCH_WATCH_MINUTES` says 60. */
const minutes = Number(process.env.BENCH_WATCH_MINUTES ?? 9)

const idleStreams = 100
const openStreams = 500
const perSecond = 100
/** Between two heartbeats of the program, which are events of each stream. */
const idleSeconds = 6
const delaySeconds = 30
/** How often exchanges are sent, as programs under `watch` do. */
const batchMillis = 100

const observedMillis = delaySeconds * 1_000 + 5_000

const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** Clients that read an event stream and stay. */
const connect = async (address: string, count: number): Promise<void> => {
  const clients = Array.from(
    { length: count },
    () =>
      new Promise<void>((resolve, reject) => {
        get(`${address}/event`, (response) => {
          response.once("data", () => resolve()).resume()
          response.on("error", () => {}) // its server ends before it
        }).on("error", reject)
      }),
  )
  await Promise.all(clients)
}

const openRows = async (watch: Watch): Promise<number> =>
  (await watch.snapshot()).rows.filter(({ state }) => state === "open").length

const openShown = async (watch: Watch, count: number): Promise<void> => {
  while ((await openRows(watch)) < count) await sleep(100)
}

/** Waits until a heartbeat of the program has been told of: the next one is some seconds away. */
const heartbeatPassed = async (watch: Watch): Promise<void> => {
  const events = async () =>
    (await watch.snapshot()).rows.reduce((sum, row) => sum + (row.events ?? 0), 0)
  const before = await events()
  while ((await events()) === before) await sleep(200)
  await sleep(1_500)
}

/** What is sent to a page where nothing happens, and what moves on it. */
const measureIdle = async (page: Page, session: CDPSession) => {
  let bytes = 0
  const count = ({ data }: { readonly data: string }) => {
    if (!data.includes("server.heartbeat")) bytes += data.length
  }
  await session.send("Network.enable")
  session.on("Network.eventSourceMessageReceived", count)
  const moved = await page.evaluate(async (millis) => {
    const parts = new Set<string>()
    const list = document.getElementById("list")
    if (list === null) return ["there is no list"]
    const observer = new MutationObserver((records) => {
      for (const { target, addedNodes, removedNodes } of records) {
        const changed = [...addedNodes, ...removedNodes]
        for (const node of changed.length === 0 ? [target] : changed) {
          const element = node instanceof Element ? node : node.parentElement
          parts.add(element?.getAttribute("class") ?? "")
        }
      }
    })
    observer.observe(list, { childList: true, subtree: true, characterData: true })
    await new Promise((resolve) => setTimeout(resolve, millis))
    observer.disconnect()
    return [...parts]
  }, idleSeconds * 1_000)
  session.off("Network.eventSourceMessageReceived", count)
  await session.send("Network.disable")
  return { perSecond: bytes / idleSeconds / 1_000, moved }
}

/** Sends exchanges until it is stopped, at an even pace. */
const traffic = (watch: Watch, sent: Map<string, number>) => {
  let number = 1_000_000
  let isOn = true
  const send = async () => {
    const began = performance.now()
    for (let batch = 0; isOn; batch++) {
      await sleep(Math.max(0, began + batch * batchMillis - performance.now()))
      const all = Array.from({ length: (perSecond * batchMillis) / 1_000 }, () =>
        exchangeNow(number++),
      )
      const at = Date.now()
      for (const spans of all) sent.set(rowIdOf(spans), at)
      await watch.send(all.flat())
    }
  }
  const sending = send()
  return {
    stop: () => {
      isOn = false
      return sending
    },
  }
}

/** Keeps when rows and findings are on the screen, by the clock of this machine. */
const observe = (page: Page): Promise<void> =>
  page.evaluate((forMillis) => {
    const seen: Record<string, number> = {}
    const note = (key: string) =>
      setTimeout(() => {
        seen[key] ??= Date.now()
      })
    Object.assign(globalThis, { seen })
    const watch = (id: string, subtree: boolean, keyOf: (node: HTMLElement) => string) => {
      const region = document.getElementById(id)
      if (region === null) throw new Error(`there is no ${id}`)
      const observer = new MutationObserver((records) => {
        for (const { addedNodes } of records) {
          for (const node of addedNodes) if (node instanceof HTMLElement) note(keyOf(node))
        }
      })
      observer.observe(region, { childList: true, subtree })
      // What it keeps would be taken for what the page keeps.
      setTimeout(() => observer.disconnect(), forMillis)
    }
    watch("list", false, (row) => row.dataset.key ?? "")
    watch("findings", true, (element) => /\/broken\/\d+/.exec(element.innerText)?.[0] ?? "")
  }, observedMillis)

const seenOn = (page: Page): Promise<Readonly<Record<string, number>>> => page.evaluate("seen")

/** How long rows and findings take until they are on the screen, under load. */
const measureDelay = async (watch: Watch, page: Page, sent: ReadonlyMap<string, number>) => {
  await observe(page)
  const broken: Array<readonly [route: string, at: number]> = []
  const began = Date.now()
  for (let second = 0; second < delaySeconds; second++) {
    await sleep(1_000)
    const route = `/broken/${second}`
    broken.push([`/broken/${second}`, Date.now()])
    await watch.send(brokenNow(second + 1, route))
  }
  const until = Date.now()
  await sleep(2_000)
  const seen = await seenOn(page)
  const delays = [...sent]
    .filter(([, at]) => at > began && at < until)
    .flatMap(([id, at]) => (seen[id] === undefined ? [] : [seen[id] - at]))
  const wanted = [...sent.values()].filter((at) => at > began && at < until).length
  console.log(`  ${delays.length} of ${wanted} exchanges had a row of their own`)
  const findings = broken.map(([route, at]) => (seen[route] ?? Number.POSITIVE_INFINITY) - at)
  return {
    row: percentile(delays, 95),
    median: median(delays),
    finding: percentile(findings, 95),
  }
}

const megabyte = 1_000_000

/** How much both hold, and what the server works, over the whole time. */
const measureLong = async (watch: Watch, page: Page, session: CDPSession) => {
  const samples: Array<{ readonly part: number; readonly rss: number; readonly heap: number }> = []
  const began = performance.now()
  const cpu = await watch.usage("cpu")
  const millis = minutes * 60_000
  const every = Math.min(10_000, millis / 60)
  while (performance.now() - began < millis) {
    await sleep(every)
    await session.send("HeapProfiler.collectGarbage")
    const { usedSize } = await session.send("Runtime.getHeapUsage")
    const rss = await watch.usage("rss")
    const part = (performance.now() - began) / millis
    samples.push({ part, rss: rss / megabyte, heap: usedSize / megabyte })
    if (samples.length % 30 === 0) {
      console.log(
        `  at ${(part * minutes).toFixed(0)} min: ${(rss / megabyte).toFixed(0)} MB, ${(usedSize / megabyte).toFixed(1)} MB in the tab`,
      )
    }
  }
  const core = (await watch.usage("cpu")) - cpu
  const between = (from: number, to: number, kind: "rss" | "heap") =>
    median(samples.filter(({ part }) => part >= from && part <= to).map((sample) => sample[kind]))
  const growth = (kind: "rss" | "heap") =>
    100 * (between(0.93, 1, kind) / between(0.3, 0.37, kind) - 1)
  return {
    rss: Math.max(...samples.map(({ rss }) => rss)),
    heap: Math.max(...samples.map(({ heap }) => heap)),
    rssGrowth: growth("rss"),
    heapGrowth: growth("heap"),
    core: (100 * core) / (performance.now() - began),
    open: await openRows(watch),
    shown: await page.locator("#bar .counts").innerText(),
  }
}

/** A page that is open while streams stay and 100 exchanges come each second. */
export const measureTraffic = async (browser: Browser): Promise<ReadonlyArray<Figure>> => {
  const watch = await startWatch()
  const server = await startServer(watch)
  const page = await browser.newPage()
  try {
    const session = await page.context().newCDPSession(page)
    await page.goto(watch.page)
    await connect(server.address, idleStreams)
    await openShown(watch, idleStreams)
    await heartbeatPassed(watch)
    const idle = await measureIdle(page, session)
    const met = [
      toldMost("100 idle streams, sent beside the heartbeat", idle.perSecond, 0.2, "kB/s"),
      toldNone(
        "no row but its age changes",
        idle.moved.filter((part) => part !== "lasted" && part !== "length"),
      ),
    ]
    await connect(server.address, openStreams - idleStreams)
    await openShown(watch, openStreams)
    const sent = new Map<string, number>()
    const exchanges = traffic(watch, sent)
    try {
      await sleep(5_000)
      const delay = await measureDelay(watch, page, sent)
      sent.clear()
      met.push(
        toldMost("span received to row on screen, 100 exchanges/s, p95", delay.row, 400, "ms"),
        toldMost("spans received to finding on screen, p95", delay.finding, 1_000, "ms"),
      )
      console.log(`  row, median: ${delay.median} ms; now ${minutes} min of the same`)
      const long = await measureLong(watch, page, session)
      const lost = openStreams - long.open
      met.push(
        toldMost("the server's memory", long.rss, 300, "MB"),
        toldMost("the tab's heap", long.heap, 80, "MB"),
        toldMost("the server's memory, grown since a third of the time", long.rssGrowth, 5, "%"),
        toldMost("the tab's heap, grown since a third of the time", long.heapGrowth, 5, "%"),
        toldMost("the server's work, of a core", long.core, 15, "%"),
        toldNone(`${openStreams} open ones are there`, lost === 0 ? [] : [`${lost} are lost`]),
        toldNone("and counted on the page", long.shown.includes("500 open") ? [] : [long.shown]),
      )
    } finally {
      await exchanges.stop()
    }
    return met
  } finally {
    await page.close()
    await server.stop()
    await watch.stop()
  }
}
