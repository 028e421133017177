import { type Freezable, frozenWithin } from "./frozen.ts"
import { pack } from "./packed.ts"
import { documentMarkup, type PageDocument } from "./view/document.ts"
import { stateOf } from "./view/state.ts"

/** A larger file is slow to open. */
const mostBytes = 5_000_000

/** The page as one file, with as much in it as fits. */
export const frozenDocument = async (
  page: Freezable,
  parts: Omit<PageDocument, "state" | "packed">,
): Promise<string> => {
  let room = 0.8 * mostBytes
  while (true) {
    const frozen = await frozenWithin(page, room)
    const state = stateOf(frozen.snapshot, "frozen", frozen.details)
    const packed = await pack(JSON.stringify(frozen))
    const { text } = documentMarkup({ ...parts, state, packed })
    // Besides the packed part, the file has what can be read without a script: at most 100 findings and 200
    // rows.
    const bytes = new TextEncoder().encode(text).length
    if (bytes <= mostBytes || room < 100_000) return text
    room /= 2
  }
}
