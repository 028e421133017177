import { describeStock } from "../stock/expecting.ts"
import type { Way } from "../stock/ways.ts"
import { underRegister } from "./registered.ts"

const withoutChange: Omit<Way, "title" | "place"> = {
  seenBy: "register",
  runtime: "node",
  command: process.execPath,
  words: [],
  variables: underRegister,
}

describeStock({ ...withoutChange, title: "under register", place: "node" })
describeStock({ ...withoutChange, title: "under register, as a web handler", place: "web" })
