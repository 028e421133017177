import { globSync, writeFileSync } from "node:fs"
import type { Reporter, TestCase, TestModule, TestSpecification, Vitest } from "vitest/node"
import "./figure.ts"
import { isShort } from "./load-size.ts"
import { type Row, reliabilityPage } from "./reliability-page.ts"

const marks = { passed: "pass", failed: "FAIL", skipped: "skipped", pending: "" } as const

const nameOf = ({ fullName }: TestCase): string => fullName.replaceAll(" > ", ": ")

const rowOf = (test: TestCase): Row => {
  const { state } = test.result()
  return {
    name: nameOf(test),
    figure: test.meta().figure ?? (state === "skipped" ? "not possible on this machine" : ""),
    state: state === "pending" ? "skipped" : state,
  }
}

/** Prints what each test has measured, and writes the page when all of the suite was run in full. */
export class ReliabilityReporter implements Reporter {
  #files = 0
  #isNarrowed = false
  #start = 0

  onInit({ config }: Vitest): void {
    this.#isNarrowed = config.testNamePattern !== undefined
  }

  onTestRunStart(files: ReadonlyArray<TestSpecification>): void {
    this.#files = files.length
    this.#start = performance.now()
  }

  onTestCaseResult(test: TestCase): void {
    const { figure = "" } = test.meta()
    console.log(`${marks[test.result().state]}  ${nameOf(test)}  ${figure}`)
  }

  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const isWhole = this.#files === globSync("test/load/**/*.test.ts").length
    if (isShort || this.#isNarrowed || !isWhole) return
    const rows = modules
      .toSorted((one, other) => one.moduleId.localeCompare(other.moduleId))
      .flatMap(({ children }) => [...children.allTests()].map(rowOf))
    writeFileSync(
      "docs/reliability.md",
      reliabilityPage(rows, performance.now() - this.#start, new Date()),
    )
  }
}
