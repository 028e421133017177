/** The thread that sends the spans of a process. It knows nothing of Effect. */
import { parentPort, workerData } from "node:worker_threads"
import { writeHeld } from "../export/held-span.ts"
import { openSdk } from "../export/sdk.ts"
import type { SenderMessage, SenderOptions } from "./span-sender.ts"

const { told, ...options }: SenderOptions = workerData
const { starter, ids, flush, arrival } = openSdk(
  options,
  (reason) => parentPort?.postMessage(reason),
  (spans) => Atomics.add(told, 1, spans),
)

/** Losses are counted. */
const ignoreFailure = (sending: Promise<void>) => sending.catch(() => {})

const close = async () => {
  await ignoreFailure(flush())
  await ignoreFailure(arrival())
  Atomics.store(told, 0, 1)
  Atomics.notify(told, 0)
}

parentPort?.on("message", (message: SenderMessage) => {
  for (const span of message.spans) writeHeld(span, starter, ids)
  if (message.then === "close") void close()
  else if (message.then === "flush") void ignoreFailure(flush())
})
