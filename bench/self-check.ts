import { start } from "./child.ts"
import { type Figure, told } from "./figure.ts"
import { median } from "./statistics.ts"

const processes = 21
const most = { cold: 12, warm: 3 }

interface Times {
  readonly cold: number
  readonly warm: number
}

/** The CPU time of the self-check, the first and the second time in a process. */
const ask = async (): Promise<Times> => {
  const child = await start("self-check/asked.ts")
  try {
    return { cold: await child.ask("cold"), warm: await child.ask("warm") }
  } finally {
    await child.stop()
  }
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const answers: Array<Times> = []
  for (let count = 0; count < processes; count++) answers.push(await ask())
  const names = ["cold", "warm"] as const
  return names.map((name) => {
    const millis = median(answers.map((one) => one[name]))
    return told(
      `CPU time of the self-check, ${name}, median of ${processes} processes`,
      `${millis.toFixed(1)} ms`,
      `${most[name]} ms`,
      millis <= most[name],
    )
  })
}
