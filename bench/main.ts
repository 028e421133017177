// Runs the benchmarks that are named, or all; exits 1 when one misses its bound.
import { writeSection } from "./costs-page.ts"
import type { Figure } from "./figure.ts"

interface Benchmark {
  readonly about: string
  readonly load: () => Promise<{ readonly run: () => Promise<ReadonlyArray<Figure>> }>
}

const benchmarks: Readonly<Record<string, Benchmark>> = {
  diagnose: {
    about: "What `scopeline diagnose` takes for a recording in a file.",
    load: () => import("./diagnose.ts"),
  },
  "fan-out": {
    about:
      "What the event server takes to bring events to many clients. Servers and load are processes of their own.",
    load: () => import("./fan-out.ts"),
  },
  growth: {
    about: "Whether a server that is observed keeps anything of exchanges that have ended.",
    load: () => import("./growth.ts"),
  },
  overhead: {
    about: "What the Layer and `scopeline/register` add to an Effect server that streams events.",
    load: () => import("./overhead.ts"),
  },
  "self-check": {
    about: "What the check of Effect's inside takes when a program starts.",
    load: () => import("./self-check.ts"),
  },
  start: {
    about: "What the command line and `scopeline/register` take to start.",
    load: () => import("./start.ts"),
  },
  watch: {
    about: "What the page takes, live and as a report, in a real browser.",
    load: () => import("./watch.ts"),
  },
}

const asked = process.argv.slice(2)
const names = asked.length === 0 ? Object.keys(benchmarks) : asked
let isMet = true
for (const name of names) {
  const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined
  if (benchmark === undefined) {
    console.error(`There is no benchmark ${name}: ${Object.keys(benchmarks).join(", ")}.`)
    process.exit(2)
  }
  console.log(name)
  const { run } = await benchmark.load()
  const figures = await run()
  writeSection(name, benchmark.about, figures)
  isMet &&= figures.every((figure) => figure.isMet)
}
process.exit(isMet ? 0 : 1)
