import * as NodeConsole from "node:console"
import type { Readable } from "node:stream"
import * as NodeChildProcessSpawner from "@effect/platform-node/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeSink from "@effect/platform-node/NodeSink"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { systemError } from "effect/PlatformError"
import * as Stdio from "effect/Stdio"
import { Heap } from "./heap.ts"
import { StopRequests } from "./stop.ts"
import { layerKeyboard } from "./terminal/keyboard.ts"
import type { Output } from "./terminal/output.ts"
import { layerPresenter } from "./terminal/presenter.ts"
import { ProcessStreams } from "./terminal/process-streams.ts"
import { Screen, screenOf } from "./terminal/screen.ts"
import { Variables } from "./variables.ts"

/** A command line, and what surrounds it: a process, or a test. */
export interface Invocation {
  readonly words: ReadonlyArray<string>
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly stdin: () => Readable & { readonly isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
  readonly stopRequests: StopRequests["Service"]
  readonly heap: Heap["Service"]
}

/** What every command may use. */
export const layerOf = (invocation: Invocation) => {
  const { variables, stdout, stderr, stopRequests, heap } = invocation
  const files = Layer.merge(NodeFileSystem.layer, NodePath.layer)
  return Layer.mergeAll(
    Layer.provideMerge(NodeChildProcessSpawner.layer, files),
    layerKeyboard,
    TerminalCapabilities.layer,
    layerPresenter,
    Layer.succeed(Console.Console, new NodeConsole.Console({ stdout, stderr })),
    Layer.succeed(Logger.LogToStderr, true), // stdout is for results
    Layer.succeed(Screen, screenOf(stdout, stderr, variables)),
    Layer.succeed(StopRequests, stopRequests),
    Layer.succeed(Heap, heap),
    Layer.succeed(Variables, variables),
    Layer.succeed(ProcessStreams, { stdin: invocation.stdin, stdout, stderr }),
  ).pipe(
    Layer.provideMerge(Layer.succeed(Stdio.Stdio, stdioOf(invocation))),
    Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromEnv({ env: defined(variables) }))),
  )
}

const stdioOf = ({ words, stdin, stdout, stderr }: Invocation): Stdio.Stdio => {
  const failed = (method: string) => (cause: unknown) =>
    systemError({ module: "Stdio", method, _tag: "Unknown", cause })
  const sinkOf = (output: Output, method: string) => () =>
    NodeSink.fromWritable({ evaluate: () => output, onError: failed(method), endOnDone: false })
  return Stdio.make({
    args: Effect.succeed(words),
    stdinIsTerminal: Effect.sync(() => stdin().isTTY === true),
    stdoutIsTerminal: Effect.succeed(stdout.isTTY === true),
    stderrIsTerminal: Effect.succeed(stderr.isTTY === true),
    stdout: sinkOf(stdout, "stdout"),
    stderr: sinkOf(stderr, "stderr"),
    stdin: NodeStream.fromReadable({
      evaluate: stdin,
      onError: failed("stdin"),
      closeOnDone: false,
    }),
  })
}

const defined = (variables: Invocation["variables"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
