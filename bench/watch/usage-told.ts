// Loaded in front of a program: tells what it takes of this machine.
import { answer } from "../child.ts"
import { cpuMillis } from "../usage.ts"

answer({ cpu: cpuMillis, rss: () => process.memoryUsage.rss() })
process.channel?.unref() // the program ends as if nobody asked
