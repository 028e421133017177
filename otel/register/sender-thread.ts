/** The thread that sends the spans of a process. It knows nothing of Effect. */
import { parentPort, workerData } from "node:worker_threads"
import { writeHeld } from "../export/held-span.ts"
import { openSdk } from "../export/sdk.ts"
import { markDone, markHandled, markStarted } from "./sender-signals.ts"
import type { SenderMessage, SenderOptions } from "./span-sender.ts"

const { signals, standings, drainMillis, sdk }: SenderOptions = workerData
const { starter, ids, delivery } = openSdk(sdk, (standing) => standings.postMessage(standing))

const drain = async (since: number) => {
  await delivery.drain(drainMillis, Date.now() - since)
  standings.postMessage(delivery.standing)
  markDone(signals)
}

parentPort?.on("message", ({ spans, bytes, found, then, since }: SenderMessage) => {
  for (const traceId of found) delivery.found(traceId)
  for (const span of spans) writeHeld(span, starter, ids)
  markHandled(signals, bytes)
  if (then === "close") void drain(since)
  else if (then === "flush") delivery.flush()
})
markStarted(signals)
