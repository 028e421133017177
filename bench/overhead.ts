import { loadavg } from "node:os"
import { start } from "./child.ts"
import { bounds } from "./overhead/bounds.ts"
import { type Cost, type Subject, startSubject } from "./overhead/measure.ts"
import { names, type TracingName, tracings } from "./overhead/tracing.ts"
import { connects, publishes, readers } from "./overhead/workload.ts"
import { median, medianRatio } from "./statistics.ts"

const rounds = 5

/** How often a connection is measured in each round: it is short, and what else a machine does disturbs it. */
const schedule = ["connection", "idle", "connection", "delivery"] as const

type Costs = Record<TracingName, Record<keyof Cost, Array<number>>>

const nothing = () => ({ delivery: [], connection: [], idle: [] })

/** One server after the other, so that each has the same machine as the one beside it. */
const measureAll = async (subjects: ReadonlyArray<Subject>): Promise<Costs> => {
  const costs: Costs = {
    none: nothing(),
    effect: nothing(),
    bridge: nothing(),
    all: nothing(),
    findings: nothing(),
  }
  for (let round = 0; round < rounds; round++) {
    for (const kind of schedule) {
      for (const { name, measure } of subjects) costs[name][kind].push(await measure(kind))
    }
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
      `  ${rounds} rounds of twice ${connects} connects, and ${publishes} events to ${readers} clients;`,
      `${spans} spans received; load ${load.join(" ")}`,
    )
    return bounds.map((bound) => isMet(bound, costs)).every((met) => met)
  } finally {
    for (const subject of subjects) await subject.stop()
    await collector.stop()
  }
}

const lineOf = (name: TracingName, costs: Costs): string => {
  const of = (kind: keyof Cost, unit: string) => {
    const own = costs[name][kind]
    const relative = medianRatio(own, costs.none[kind]).toFixed(2)
    return `${kind} ${median(own).toFixed(kind === "delivery" ? 2 : 0)} ${unit} (${relative}x)`
  }
  const { title } = tracings[name]
  return `  ${title}: ${of("delivery", "us")}, ${of("connection", "us")}, ${of("idle", "B")}`
}

const isMet = ({ title, kind, of, relativeTo, most }: (typeof bounds)[number], costs: Costs) => {
  const ratio = medianRatio(costs[of][kind], costs[relativeTo][kind])
  const met = ratio <= most
  console.log(
    `${title}: ${ratio.toFixed(2)}x (at most ${most.toFixed(2)}x) ${met ? "ok" : "MISSED"}`,
  )
  return met
}
