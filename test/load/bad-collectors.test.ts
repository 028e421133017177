import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { runningProgram } from "../support/process.ts"
import { addressed } from "../support/running.ts"
import { stop } from "../support/stop.ts"
import { answeringOddly, takingNone } from "./bad-collector.ts"
import { lostIn } from "./collecting.ts"
import { seconds, tellFigure, whole } from "./figure.ts"
import { sized } from "./load-size.ts"
import { openStreams } from "./streams.ts"

const streams = sized(500, 50)

/** A stream in spans, and an exchange with a finding. */
const all = streams * 5 + 7

/** A program waits for a collector that answers for up to 5 s, for a dead one 1.5 s; machines that are busy take longer. */
const mostMillis = 7_000

/** Clients that all leave at once, an exchange with a finding, and the end of the program. */
const ended = Effect.fnUntraced(function* (collector: string) {
  const running = yield* runningProgram(process.execPath, ["test/load/server-process.ts"], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  })
  const server = yield* addressed(running)
  const open = yield* Effect.promise(() => openStreams(server.port, streams))
  for (const { socket } of open) socket.destroy()
  yield* Effect.promise(() => fetch(`${server.address}/broken`).then((it) => it.text()))
  const { code, millis } = yield* stop(server)
  const stderr = server.stderr()
  expect(code, stderr).toBe(130)
  expect(stderr).not.toMatch(/^\s+at /m)
  return { millis, stderr, ...lostIn(stderr) }
})

const figureOf = ({ millis, lost, sent }: Effect.Success<ReturnType<typeof ended>>): string =>
  `ended ${seconds(millis)} after SIGTERM; said that ${whole(lost)} spans were lost, ` +
  `${whole(sent)} of which may have arrived`

const entries = <Name extends string, A>(
  record: Readonly<Record<Name, A>>,
): ReadonlyArray<readonly [string, A]> => Object.entries<A>(record)

describe.concurrent(`a program with ${whole(streams)} streams ends in time`, () => {
  it.live.each(entries(takingNone))(
    "and counts every span as lost if its collector %s",
    ([, collector], context) =>
      Effect.gen(function* () {
        const seen = yield* ended(yield* collector)
        tellFigure(context, figureOf(seen))
        expect(seen.lost, seen.stderr).toBe(all)
        expect(seen.millis).toBeLessThan(mostMillis)
      }),
  )

  it.live.each(entries(answeringOddly))(
    "and counts no span as lost if its collector takes them and %s",
    ([, collector], context) =>
      Effect.gen(function* () {
        const seen = yield* ended(yield* collector)
        tellFigure(context, figureOf(seen))
        expect(seen.stderr).toBe("")
        expect(seen.millis).toBeLessThan(mostMillis)
      }),
  )
})
