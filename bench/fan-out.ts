import { loadavg } from "node:os"
import { start } from "./child.ts"
import { type Spread, type Subject, startSubject } from "./fan-out/subject.ts"
import { events, readers } from "./fan-out/workload.ts"
import { type Figure, toldRatio } from "./figure.ts"
import { connectAll, leaveAll } from "./overhead/client.ts"
import { variablesOf } from "./overhead/tracing.ts"
import { idleStreams } from "./overhead/workload.ts"
import { median, medianRatio, percentile } from "./statistics.ts"

const rounds = 9
const heapRounds = 5

const manyClients = 10_000
const reachRounds = 3
const reachEvents = 100

type Pair<A> = readonly [of: A, beside: A]

/** Measures one after the other, and then the other before the one. */
const inTurn = async (
  subjects: Pair<Subject>,
  times: number,
  measure: (subject: Subject) => Promise<number>,
): Promise<Pair<ReadonlyArray<number>>> => {
  const [of, beside] = [[] as number[], [] as number[]]
  for (let round = 0; round < times; round++) {
    if (round % 2 === 0) of.push(await measure(subjects[0]))
    beside.push(await measure(subjects[1]))
    if (round % 2 === 1) of.push(await measure(subjects[0]))
  }
  return [of, beside]
}

const startBoth = async (
  beside: "better-sse" | "plain",
  clients: number,
): Promise<Pair<Subject>> => [
  await startSubject("scopeline", clients),
  await startSubject(beside, clients),
]

const stopBoth = async (subjects: Pair<Subject>): Promise<void> => {
  for (const subject of subjects) await subject.stop()
}

/** The CPU time of a server for each event that a client gets. */
const deliveries = async (): Promise<ReadonlyArray<Figure>> => {
  const subjects = await startBoth("better-sse", readers)
  try {
    const figures: Array<Figure> = []
    const spreads: ReadonlyArray<readonly [Spread, number]> = [
      ["over 8 connections", 0.6],
      ["over 1 connection", 1],
    ]
    for (const subject of subjects) await subject.cpuOf("warm up")
    for (const [spread, most] of spreads) {
      const [own, other] = await inTurn(subjects, rounds, (subject) => subject.cpuOf(spread))
      const micros = (millis: ReadonlyArray<number>) =>
        ((median(millis) * 1000) / (events * readers)).toFixed(2)
      console.log(`  ${micros(own)} us an event, better-sse ${micros(other)} us`)
      const what = `CPU of the server for each event, ${readers} clients, ${events} events posted ${spread}, to better-sse`
      figures.push(toldRatio(what, medianRatio(own, other), most))
    }
    return figures
  } finally {
    await stopBoth(subjects)
  }
}

/** How long the last of many clients waits for an event. */
const reach = async (): Promise<Figure> => {
  const subjects = await startBoth("plain", manyClients)
  try {
    const ratios: Array<number> = []
    await inTurn(subjects, 20, (subject) => subject.millisOf("one event")) // until it has been compiled
    for (let round = 0; round < reachRounds; round++) {
      const [own, other] = await inTurn(subjects, reachEvents, (subject) =>
        subject.millisOf("one event"),
      )
      const [p99, p99OfOther] = [percentile(own, 99), percentile(other, 99)]
      console.log(`  p99 ${p99.toFixed(0)} ms, node:http ${p99OfOther.toFixed(0)} ms`)
      ratios.push(p99 / p99OfOther)
    }
    const what = `from publish to the last of ${manyClients} clients, p99 of ${reachEvents} events, to node:http`
    return toldRatio(what, median(ratios), 1.2)
  } finally {
    await stopBoth(subjects)
  }
}

/** Bytes of heap for each stream that waits, in each of the servers. */
const heapOf = async (module: string, variables = {}): Promise<ReadonlyArray<number>> => {
  const server = await start(module, variables)
  try {
    const port = await server.ask("port")
    await leaveAll(await connectAll(port, idleStreams))
    const bytes: Array<number> = []
    for (let round = 0; round < heapRounds; round++) {
      const before = await server.ask("heap")
      const clients = await connectAll(port, idleStreams)
      bytes.push(((await server.ask("heap")) - before) / idleStreams)
      await leaveAll(clients)
      await server.ask("heap")
    }
    return bytes
  } finally {
    await server.stop()
  }
}

const idle = async (): Promise<Figure> => {
  const own = await heapOf("fan-out/scopeline-server.ts")
  const effect = await heapOf("overhead/server.ts", variablesOf("none", ""))
  const plain = await heapOf("fan-out/plain-server.ts")
  const kilobytes = (bytes: ReadonlyArray<number>) => (median(bytes) / 1024).toFixed(1)
  console.log(
    `  ${kilobytes(own)} KiB, Effect without tracing ${kilobytes(effect)} KiB,`,
    `node:http ${kilobytes(plain)} KiB`,
  )
  const what = "heap of a stream that waits, to Effect's own server without tracing"
  return toldRatio(what, median(own) / median(effect), 1.25)
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const load = loadavg().map((one) => one.toFixed(1))
  console.log(`  load ${load.join(" ")}`)
  return [...(await deliveries()), await idle(), await reach()]
}
