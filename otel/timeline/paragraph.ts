import { wrap } from "./columns.ts"
import type { Line, Role } from "./segment.ts"

/** A text in lines of at most `width` columns, its indent included. */
export const paragraph = (
  text: string,
  indent: number,
  width: number,
  role: Role,
): ReadonlyArray<Line> =>
  wrap(text, width - indent).map((line) => [{ text: " ".repeat(indent) + line, role }])
