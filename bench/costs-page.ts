import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { loadavg } from "node:os"
import { fileURLToPath } from "node:url"
import type { Figure } from "./figure.ts"
import { machine } from "./machine.ts"

const page = fileURLToPath(new URL("../docs/costs.md", import.meta.url))

const head = `# Costs

What the benchmarks have measured. \`npm run bench\` writes this page: do not edit it. A figure such as 0.60x is a
ratio: the cost of the first, in times of the cost of the second. Both are measured in turn in the same run, and the
median counts. \`npm run bench\` exits with 1 if a figure is above its bound.
`

const heading = "\n## "

const lineOf = ({ what, measured, bound, isMet }: Figure): string =>
  `| ${what} | ${measured} | ${bound} | ${isMet ? "pass" : "**missed**"} |`

const sectionOf = (name: string, about: string, figures: ReadonlyArray<Figure>): string => `${name}

${about}

- Command: \`npm run bench -- ${name}\`
- Date: ${new Date().toISOString().slice(0, 10)}
- Machine: ${machine}
- Load of the machine at the end: ${loadavg()[0]?.toFixed(1)}

| what | measured | at most | result |
| --- | --- | --- | --- |
${figures.map(lineOf).join("\n")}
`

const nameIn = (section: string): string => section.slice(0, section.indexOf("\n"))

/** Writes what a benchmark has measured into its section of `docs/costs.md`. */
export const writeSection = (name: string, about: string, figures: ReadonlyArray<Figure>): void => {
  const known = existsSync(page) ? readFileSync(page, "utf8").split(heading).slice(1) : []
  const others = known.filter((section) => nameIn(section) !== name)
  const sections = [...others, sectionOf(name, about, figures)].sort()
  writeFileSync(page, [head, ...sections].join(heading))
}
