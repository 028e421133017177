import { loadavg } from "node:os"
import { start } from "./child.ts"
import { type Figure, toldRatio } from "./figure.ts"
import { bounds } from "./overhead/bounds.ts"
import { inMemoryLine } from "./overhead/in-memory.ts"
import { type Cost, type Subject, startSubject } from "./overhead/measure.ts"
import { names, type TracingName, tracings } from "./overhead/tracing.ts"
import { connects, publishes, readers } from "./overhead/workload.ts"
import { median, medianRatio } from "./statistics.ts"

/**
 * One process of a kind takes some percent more or less than another of it for as long as it lives. So several
 * are started, one after the other.
 */
const generations = 3

/** In each generation. A machine does other things too: the median of many runs beside each other sees through that. */
const rounds = 3

const kinds = ["idle", "connection", "request", "delivery"] as const

/** Some are there to be compared with in one kind alone. */
const isMeasured = ({ name }: Subject, kind: keyof Cost): boolean =>
  name !== "withoutFinalizers" || kind === "request"

type Costs = Record<TracingName, Record<keyof Cost, Array<number>>>

const nothing = () => ({ delivery: [], connection: [], request: [], idle: [] })

const startAll = (address: string): Promise<ReadonlyArray<Subject>> =>
  Promise.all(names.map((name) => startSubject(name, address)))

/** One server after the other, so that each has the same machine as the one beside it; and back again. */
const measureAll = async (subjects: ReadonlyArray<Subject>, costs: Costs): Promise<void> => {
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? subjects : subjects.toReversed()
    for (const kind of kinds) {
      for (const subject of order) {
        if (isMeasured(subject, kind)) costs[subject.name][kind].push(await subject.measure(kind))
      }
    }
  }
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const collector = await start("overhead/collector.ts")
  const costs: Costs = {
    none: nothing(),
    unsent: nothing(),
    effect: nothing(),
    bridge: nothing(),
    all: nothing(),
    findings: nothing(),
    withoutFinalizers: nothing(),
    registered: nothing(),
    registeredFindings: nothing(),
  }
  let subjects: ReadonlyArray<Subject> = []
  const stopAll = async () => {
    for (const subject of subjects) await subject.stop()
    subjects = []
  }
  try {
    const address = `http://127.0.0.1:${await collector.ask("port")}`
    for (let generation = 0; generation < generations; generation++) {
      subjects = await startAll(address)
      await measureAll(subjects, costs)
      await stopAll()
    }
    for (const name of names) console.log(lineOf(name, costs))
    console.log(await inMemoryLine(address))
    const spans = await collector.ask("spans")
    const load = loadavg().map((one) => one.toFixed(1))
    console.log(
      `  ${generations} processes of each, ${rounds} rounds each of ${connects} connects, and of`,
      `${publishes} events to ${readers} clients; ${spans} spans received; load ${load.join(" ")}`,
    )
    return bounds.map((bound) => figureOf(bound, costs))
  } finally {
    await stopAll()
    await collector.stop()
  }
}

const lineOf = (name: TracingName, costs: Costs): string => {
  const of = (kind: keyof Cost, unit: string): ReadonlyArray<string> => {
    const own = costs[name][kind]
    if (own.length === 0) return []
    const relative = medianRatio(own, costs.none[kind]).toFixed(2)
    return [`${kind} ${median(own).toFixed(kind === "delivery" ? 2 : 0)} ${unit} (${relative}x)`]
  }
  const { title } = tracings[name]
  const all = [
    ...of("delivery", "us"),
    ...of("connection", "us"),
    ...of("request", "us"),
    ...of("idle", "B"),
  ]
  return `  ${title}: ${all.join(", ")}`
}

const figureOf = ({ title, kind, of, relativeTo, most }: (typeof bounds)[number], costs: Costs) =>
  toldRatio(title, medianRatio(costs[of][kind], costs[relativeTo][kind]), most)
