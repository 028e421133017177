/** A ManagedRuntime inside of an ordinary main. */
import { Effect, ManagedRuntime } from "effect"
import { address, path, server, visit } from "./ticks.ts"

const runtime = ManagedRuntime.make(server)
console.log(await visit((await runtime.runPromise(address)) + path))
await runtime.runPromise(Effect.logInfo("visited"))
await runtime.dispose()
process.exitCode = 7
