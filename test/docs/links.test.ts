import { existsSync } from "node:fs"
import { join } from "node:path/posix"
import { describe, expect, it } from "vitest"
import { documents, documentText, prose } from "./documents.ts"

/** Where the links of a document lead, without those to other sites. */
const linksOf = (path: string): ReadonlyArray<string> =>
  [...prose(documentText(path)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^https?:/.test(target))

/** What GitHub calls the headings of a document. */
const anchorsOf = (path: string): ReadonlySet<string> => {
  const anchors = new Set<string>()
  for (const [, heading = ""] of prose(documentText(path)).matchAll(/^#+ (.+)$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
    const anchor = text.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
    const repeats = [...anchors].filter((it) => it.replace(/-\d+$/, "") === anchor).length
    anchors.add(repeats === 0 ? anchor : `${anchor}-${repeats}`)
  }
  return anchors
}

/** Whether there is such a file, and in it such a heading. */
const leadsSomewhere = (from: string, link: string): boolean => {
  const [file = "", anchor] = link.split("#")
  const target = file === "" ? from : join(from, "..", file)
  if (!existsSync(target)) return false
  return anchor === undefined || anchorsOf(target).has(anchor)
}

describe("the links of", () => {
  it.each(documents)("%s lead to files and headings that exist", (path) => {
    expect(linksOf(path).filter((link) => !leadsSomewhere(path, link))).toEqual([])
  })
})

describe("the documents", () => {
  it("are read: some dozen, most with links", () => {
    expect(documents.length).toBeGreaterThan(25)
    expect(documents.filter((path) => linksOf(path).length > 0).length).toBeGreaterThan(20)
  })

  it("begin with a README that is read in five minutes", () => {
    expect(documentText("README.md").split("\n").length).toBeLessThanOrEqual(141)
  })
})
