import { loadavg } from "node:os"
import { start } from "./child.ts"
import { bounds } from "./overhead/bounds.ts"
import { type Cost, type Subject, startSubject } from "./overhead/measure.ts"
import { names, type TracingName, tracings } from "./overhead/tracing.ts"
import { connects, publishes, readers } from "./overhead/workload.ts"
import { median, medianRatio } from "./statistics.ts"

const rounds = 5

type Costs = Record<TracingName, Array<Cost>>

/** One after the other, round by round: what else a machine does changes slowly. */
const measureAll = async (subjects: ReadonlyArray<Subject>): Promise<Costs> => {
  const costs: Costs = { none: [], effect: [], bridge: [], all: [], findings: [] }
  for (let round = 0; round < rounds; round++) {
    for (const { name, measure } of subjects) costs[name].push(await measure())
  }
  return costs
}

export const run = async (): Promise<boolean> => {
  const collector = await start("overhead/collector.ts")
  const subjects: Array<Subject> = []
  try {
    const address = `http://127.0.0.1:${await collector.ask("port")}`
    subjects.push(...(await Promise.all(names.map((name) => startSubject(name, address)))))
    const costs = await measureAll(subjects)
    for (const name of names) console.log(lineOf(name, costs))
    const spans = await collector.ask("spans")
    const load = loadavg().map((one) => one.toFixed(1))
    console.log(
      `  ${rounds} rounds of ${connects} connects and ${publishes} events to ${readers} clients;`,
      `${spans} spans received; load ${load.join(" ")}`,
    )
    return bounds.map((bound) => isMet(bound, costs)).every((met) => met)
  } finally {
    for (const subject of subjects) await subject.stop()
    await collector.stop()
  }
}

const valuesOf = (costs: ReadonlyArray<Cost>, kind: keyof Cost) => costs.map((cost) => cost[kind])

const lineOf = (name: TracingName, costs: Costs): string => {
  const of = (kind: keyof Cost, unit: string) => {
    const own = valuesOf(costs[name], kind)
    const relative = medianRatio(own, valuesOf(costs.none, kind)).toFixed(2)
    return `${kind} ${median(own).toFixed(kind === "delivery" ? 2 : 0)} ${unit} (${relative}x)`
  }
  const { title } = tracings[name]
  return `  ${title}: ${of("delivery", "us")}, ${of("connection", "us")}, ${of("idle", "B")}`
}

const isMet = ({ title, kind, of, relativeTo, most }: (typeof bounds)[number], costs: Costs) => {
  const ratio = medianRatio(valuesOf(costs[of], kind), valuesOf(costs[relativeTo], kind))
  const met = ratio <= most
  console.log(
    `${title}: ${ratio.toFixed(2)}x (at most ${most.toFixed(2)}x) ${met ? "ok" : "MISSED"}`,
  )
  return met
}
