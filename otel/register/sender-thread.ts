/** The thread that sends the spans of a process. It knows nothing of Effect. */
import { parentPort, workerData } from "node:worker_threads"
import { writeHeld } from "../export/held-span.ts"
import { openSdk, type SdkOptions } from "../export/sdk.ts"
import type { SenderMessage } from "./span-sender.ts"

const options: SdkOptions = workerData
const { starter, ids, flush, arrival, lost } = openSdk(options, (reason) =>
  parentPort?.postMessage(reason),
)

/** Losses are counted. */
const ignoreFailure = (sending: Promise<void>) => sending.catch(() => {})

const close = async (told: Int32Array) => {
  await ignoreFailure(flush())
  await ignoreFailure(arrival())
  Atomics.store(told, 1, lost())
  Atomics.store(told, 0, 1)
  Atomics.notify(told, 0)
}

parentPort?.on("message", (message: SenderMessage) => {
  if ("close" in message) return void close(message.close)
  for (const span of message.spans) writeHeld(span, starter, ids)
  if (message.flush) void ignoreFailure(flush())
})
