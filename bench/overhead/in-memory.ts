import { start } from "../child.ts"
import { median, medianRatio } from "../statistics.ts"
import { variablesOf } from "./tracing.ts"

const rounds = 15
const warmUps = 5

/** What a message costs that is published to a PubSub and taken from it, with nothing else around it. */
export const inMemoryLine = async (collector: string): Promise<string> => {
  const module = "overhead/in-memory-server.ts"
  const none = await start(module, variablesOf("none", collector))
  const all = await start(module, variablesOf("all", collector))
  try {
    const costs = { none: [] as number[], all: [] as number[] }
    for (let round = 0; round < warmUps + rounds; round++) {
      const cost = { none: await none.ask("round"), all: await all.ask("round") }
      if (round < warmUps) continue
      costs.none.push(cost.none)
      costs.all.push(cost.all)
    }
    return (
      `  a message in memory, published and taken: ${median(costs.none).toFixed(0)} ns without tracing, ` +
      `${median(costs.all).toFixed(0)} ns with it (${medianRatio(costs.all, costs.none).toFixed(2)}x)`
    )
  } finally {
    await none.stop()
    await all.stop()
  }
}
