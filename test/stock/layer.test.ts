import { describeStock } from "./expecting.ts"
import type { Way } from "./ways.ts"

const underLayer: Omit<Way, "title" | "place"> = {
  seenBy: "layer",
  runtime: "node",
  command: process.execPath,
  words: [],
  // Nothing else runs beside them.
  variables: { STOCK_TOGETHER: "16" },
}

describeStock({ ...underLayer, title: "under the Layer", place: "node" })
describeStock({ ...underLayer, title: "under the Layer, as a web handler", place: "web" })
