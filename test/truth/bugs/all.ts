import type { Bug } from "../bug.ts"
import { cutOff } from "./cut-off.ts"
import { leftBehind } from "./left-behind.ts"
import { unfed } from "./unfed.ts"

export const bugs: ReadonlyArray<Bug> = [...cutOff, ...leftBehind, ...unfed]
