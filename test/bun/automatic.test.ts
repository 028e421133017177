import { describe, it } from "@effect/vitest"
import { expectBrokenAlone } from "../automatic/broken-alone.ts"
import { asWebHandlerOnBun, servedOnBun } from "../automatic/places.ts"
import { isInstalled } from "../released/release.ts"
import { aware } from "./releases.ts"

describe.skipIf(!isInstalled(aware))("a program with nothing but the Layer", () => {
  it.live(`is told on Bun ${aware.version} which scope its body needed, and nothing else`, () =>
    expectBrokenAlone(servedOnBun),
  )

  it.live("is told the same as a web handler that Bun itself serves", () =>
    expectBrokenAlone(asWebHandlerOnBun),
  )
})
