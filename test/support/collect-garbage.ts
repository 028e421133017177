import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Schema from "effect/Schema"

setFlagsFromString("--expose-gc")
const Collect = Schema.declare((value): value is () => void => typeof value === "function")

export const collectGarbage = Schema.decodeUnknownSync(Collect)(runInNewContext("gc"))
