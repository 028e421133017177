import { median } from "../statistics.ts"
import { cpuMillis } from "../usage.ts"

const sampleMillis = 60

/** How many times its own time work takes now, because of what else this machine does. */
const slowness = (): number => {
  const [wall, cpu] = [performance.now(), cpuMillis()]
  while (cpuMillis() - cpu < sampleMillis);
  return Math.max(1, (performance.now() - wall) / (cpuMillis() - cpu))
}

/**
 * The time that something took, in milliseconds as on a machine that does nothing else; the median of several
 * rounds, each between two looks at how slow the machine is. `take` gives its time.
 */
export const freeTime = async (rounds: number, take: () => Promise<number>): Promise<number> => {
  const times: Array<number> = []
  const slow: Array<number> = [slowness()]
  for (let round = 0; round < rounds; round++) {
    times.push(await take())
    slow.push(slowness())
  }
  const free = times.map((time, at) => time / (((slow[at] ?? 1) + (slow[at + 1] ?? 1)) / 2))
  console.log(
    `  ${median(times).toFixed(0)} ms passed, on a machine that takes ${median(slow).toFixed(1)} times its time`,
  )
  return median(free)
}
