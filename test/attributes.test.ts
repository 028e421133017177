import { ok } from "node:assert"
import { readFileSync } from "node:fs"
import { describe, it } from "@effect/vitest"
import { spanName } from "../otel/attributes.ts"

const readme = readFileSync(new URL("../docs/library.md", import.meta.url), "utf8")

describe("the tree of spans on the library's page", () => {
  it.each(Object.keys(spanName))("has the span of a %s", (kind) => {
    ok(new RegExp(`^[├└─│ ]*${kind} `, "m").test(readme))
  })
})
