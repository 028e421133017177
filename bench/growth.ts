import { loadavg } from "node:os"
import { type Child, start } from "./child.ts"
import { type Figure, toldRatio } from "./figure.ts"
import { comeAndGo } from "./overhead/client.ts"
import { requestAll } from "./overhead/requests.ts"
import { type TracingName, tracings, variablesOf } from "./overhead/tracing.ts"
import { connectsAtOnce, exportMillis } from "./overhead/workload.ts"

const requests = 50_000
const streams = 5_000
const most = 1.05

const tenth = async (port: number): Promise<void> => {
  await requestAll(port, requests / 10, connectsAtOnce)
  await requestAll(port, requests / 10, connectsAtOnce, "/leased/ses_1")
  await comeAndGo(port, streams / 10, connectsAtOnce)
}

/** The heap, in bytes, once everything has been exported, judged and forgotten. */
const heapAtRest = async (server: Child): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 2_000 + exportMillis))
  return server.ask("heap")
}

/** The heap after the first tenth of the load and after all of it. */
const heaps = async (name: TracingName, collector: string) => {
  const server = await start("overhead/server.ts", variablesOf(name, collector))
  try {
    const port = await server.ask("port")
    await tenth(port)
    const first = await heapAtRest(server)
    for (let done = 1; done < 10; done++) await tenth(port)
    return { first, last: await heapAtRest(server) }
  } finally {
    await server.stop()
  }
}

const growthOf = async (name: TracingName, collector: string): Promise<Figure> => {
  const { first, last } = await heaps(name, collector)
  const grown = last / first
  const [before, after] = [first, last].map((bytes) => (bytes / 2 ** 20).toFixed(1))
  console.log(`  heap ${before} MiB after the first tenth, ${after} MiB after all`)
  return toldRatio(
    `heap after all of the load, ${tracings[name].title}, to after a tenth`,
    grown,
    most,
  )
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const collector = await start("overhead/collector.ts")
  try {
    const address = `http://127.0.0.1:${await collector.ask("port")}`
    const load = loadavg().map((one) => one.toFixed(1))
    console.log(
      `  ${requests} requests, as many that add and remove a finalizer of the program, ${streams} streams; load ${load.join(" ")}`,
    )
    return [await growthOf("all", address), await growthOf("findings", address)]
  } finally {
    await collector.stop()
  }
}
