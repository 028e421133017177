import { ok } from "node:assert"
import { readFileSync } from "node:fs"
import { describe, it } from "@effect/vitest"
import * as attributes from "../otel/attributes.ts"

const readme = readFileSync(new URL("../otel/README.md", import.meta.url), "utf8")

/** The section about spans. */
const reference = readme.slice(readme.indexOf("\n## Spans"))

const names = Object.values(attributes).filter((name) => typeof name === "string")

/** What the section names in our own part of the name space. */
const described = [
  ...reference.matchAll(
    /`((?:effect|lifetime|exchange|client|scope|subscription|stream)\.[\w.]+\w)/g,
  ),
]

describe("the reference of spans", () => {
  it.each(names)("has %s", (name) => {
    ok(["`", "=", "*"].some((end) => reference.includes(`\`${name}${end}`)))
  })

  it.each(Object.keys(attributes.spanName))("has the span of a %s", (kind) => {
    ok(new RegExp(`^[├└─ ]*${kind} `, "m").test(reference) || reference.includes(`─ ${kind} `))
  })

  it.each([...new Set(described.map(([, name = ""]) => name))])(
    "names %s, which exists",
    (name) => {
      ok(names.some((known) => known === name || known === `${name}.`))
    },
  )
})
