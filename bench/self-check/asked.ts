import { missingCapabilities } from "../../otel/instrument/effect/self-check.ts"
import { answer } from "../child.ts"
import { cpuMillis } from "../usage.ts"

const timed = (): number => {
  const before = cpuMillis()
  if (missingCapabilities().length > 0) throw new Error("something is not seen")
  return cpuMillis() - before
}

cpuMillis() // asking for it the first time takes a millisecond itself
const [cold, warm] = [timed(), timed()]
answer({ cold: () => cold, warm: () => warm })
