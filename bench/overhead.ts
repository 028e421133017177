import { loadavg } from "node:os"
import { start } from "./child.ts"
import { type Figure, toldRatio } from "./figure.ts"
import { bounds } from "./overhead/bounds.ts"
import { inMemoryLine } from "./overhead/in-memory.ts"
import { type Cost, type Subject, startSubject } from "./overhead/measure.ts"
import { names, type TracingName, tracings } from "./overhead/tracing.ts"
import { connects, publishes, readers } from "./overhead/workload.ts"
import { median, medianRatio } from "./statistics.ts"

/** As often is each way of tracing measured beside the others. */
const roundsOfAll = 5

/**
 * What the automatic mode itself is bound by is measured on, as often as the time allows: a machine does
 * other things too, and the median of many short runs beside each other sees through that.
 */
const lastsMillis = 240_000

const isBound = ({ name }: Subject): boolean => name !== "effect" && name !== "bridge"

const kinds = ["connection", "request", "delivery"] as const
const kindsOfAll = ["idle", ...kinds] as const

/** Some are there to be compared with in one kind alone. */
const isMeasured = ({ name }: Subject, kind: keyof Cost): boolean =>
  name !== "withoutFinalizers" || kind === "request"

type Costs = Record<TracingName, Record<keyof Cost, Array<number>>>

const nothing = () => ({ delivery: [], connection: [], request: [], idle: [] })

/** One server after the other, so that each has the same machine as the one beside it; and back again. */
const measureAll = async (subjects: ReadonlyArray<Subject>, until: number): Promise<Costs> => {
  const costs: Costs = {
    none: nothing(),
    effect: nothing(),
    bridge: nothing(),
    all: nothing(),
    findings: nothing(),
    withoutFinalizers: nothing(),
    registered: nothing(),
    registeredFindings: nothing(),
  }
  const there = { all: subjects, bound: subjects.filter(isBound) }
  const back = { all: there.all.toReversed(), bound: there.bound.toReversed() }
  for (let round = 0; round < roundsOfAll || Date.now() < until; round++) {
    const { all, bound } = round % 2 === 0 ? there : back
    const isOfAll = round < roundsOfAll
    for (const kind of isOfAll ? kindsOfAll : kinds) {
      for (const subject of isOfAll ? all : bound) {
        if (isMeasured(subject, kind)) costs[subject.name][kind].push(await subject.measure(kind))
      }
    }
  }
  return costs
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const until = Date.now() + lastsMillis
  const collector = await start("overhead/collector.ts")
  const subjects: Array<Subject> = []
  try {
    const address = `http://127.0.0.1:${await collector.ask("port")}`
    subjects.push(...(await Promise.all(names.map((name) => startSubject(name, address)))))
    const costs = await measureAll(subjects, until)
    for (const name of names) console.log(lineOf(name, costs))
    console.log(await inMemoryLine(address))
    const spans = await collector.ask("spans")
    const load = loadavg().map((one) => one.toFixed(1))
    console.log(
      `  ${costs.none.delivery.length} rounds of ${connects} connects, and of ${publishes} events to`,
      `${readers} clients; ${spans} spans received; load ${load.join(" ")}`,
    )
    return bounds.map((bound) => figureOf(bound, costs))
  } finally {
    for (const subject of subjects) await subject.stop()
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
