import { stripTypeScriptTypes } from "node:module"
import { describe, expect, it } from "vitest"
import * as library from "../../otel/index.ts"
import * as testing from "../../otel/testing/index.ts"
import { documents, documentText } from "./documents.ts"

/** The blocks of TypeScript in a document. */
const programsOf = (path: string): ReadonlyArray<string> =>
  [...documentText(path).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, program = ""]) => program)

const programs = documents.flatMap((path) => programsOf(path).map((program) => ({ path, program })))

const exported = { scopeline: Object.keys(library), "scopeline/testing": Object.keys(testing) }

describe("a program in the documents", () => {
  it("is in the README, the page of the library, and the pages of rules", () => {
    expect(programs.length).toBeGreaterThan(20)
    expect(new Set(programs.map(({ path }) => path))).toContain("README.md")
  })

  it.each(Object.entries(exported))("imports from %s what is exported there", (from, names) => {
    const imported = programs.flatMap(({ program }) =>
      [...program.matchAll(/import \{([^}]+)\} from "([^"]+)"/g)]
        .filter(([, , module]) => module === from)
        .flatMap(([, list = ""]) => list.split(",").map((name) => name.trim())),
    )
    expect(imported.length).toBeGreaterThan(0)
    expect(imported.filter((name) => !names.includes(name))).toEqual([])
  })

  it("is the same in the package's README and on the page of the library", () => {
    expect(programsOf("packaging/README.md")[0]).toBe(programsOf("docs/library.md")[0])
  })

  it("reads as TypeScript in the README and on the page of the library", () => {
    for (const path of ["README.md", "docs/library.md", "packaging/README.md"]) {
      for (const program of programsOf(path)) stripTypeScriptTypes(program)
    }
  })
})
