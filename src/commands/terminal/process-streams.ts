import type { Readable } from "node:stream"
import * as Context from "effect/Context"
import type { Output } from "./output.ts"

/** The standard streams of a command, for a program that it starts. */
export class ProcessStreams extends Context.Service<
  ProcessStreams,
  {
    readonly stdin: () => Readable
    readonly stdout: Output
    readonly stderr: Output
  }
>()("scopeline/ProcessStreams") {}
