import type { Layout } from "./layout.ts"

/** A layout with a heading, and a note that is set beside it. */
export interface Panel {
  readonly title: string
  readonly layout: Layout
  readonly note?: string
}
