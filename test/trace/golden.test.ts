import { expect, it } from "@effect/vitest"
import { goldenText } from "./golden-text.ts"
import { recordInOrder } from "./recorded-trace.ts"

/** Where it changes on purpose: `npx vitest run test/trace/golden.test.ts -u`, and read the difference. */
it("the trace of the broken stream is this, span by span", async () => {
  const { spans } = await recordInOrder("broken")
  await expect(goldenText(spans)).toMatchFileSnapshot("__snapshots__/broken.txt")
})
