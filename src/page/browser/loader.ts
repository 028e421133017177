/** The first script of the page: unpacks the other one, whose hash its policy names, and runs it. */
import { unpack } from "../packed.ts"

const script = document.createElement("script")
script.type = "module"
script.textContent = await unpack(document.getElementById("script")?.textContent ?? "")
document.body.append(script)
