// Runs the benchmarks that are named, or all; exits 1 when one misses its bound.
const benchmarks: Readonly<
  Record<string, () => Promise<{ readonly run: () => Promise<boolean> }>>
> = {
  diagnose: () => import("./diagnose.ts"),
  growth: () => import("./growth.ts"),
  overhead: () => import("./overhead.ts"),
  "self-check": () => import("./self-check.ts"),
  start: () => import("./start.ts"),
  watch: () => import("./watch.ts"),
}

const asked = process.argv.slice(2)
const names = asked.length === 0 ? Object.keys(benchmarks) : asked
let met = true
for (const name of names) {
  const load = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined
  if (load === undefined) {
    console.error(`There is no benchmark ${name}: ${Object.keys(benchmarks).join(", ")}.`)
    process.exit(2)
  }
  console.log(name)
  const { run } = await load()
  met = (await run()) && met
}
process.exit(met ? 0 : 1)
