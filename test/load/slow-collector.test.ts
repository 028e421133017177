import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { runningProgram } from "../support/process.ts"
import { addressed } from "../support/running.ts"
import { stop } from "../support/stop.ts"
import { collecting, lostIn } from "./collecting.ts"
import { tellFigure, whole } from "./figure.ts"
import { sized } from "./load-size.ts"
import { openStreams } from "./streams.ts"

const streams = sized(3_000, 1_500)
const broken = 40

/** A healthy stream in spans, and an exchange with a finding. */
const spansOfStream = 5
const spansOfFound = 7

const visited = async (address: string): Promise<void> => {
  await (await fetch(`${address}/broken`)).text()
}

/** Clients that all leave at once, then exchanges with a finding, and the end of the program. */
const ended = Effect.fnUntraced(function* (
  perSecond: string | undefined,
  variables: Readonly<Record<string, string>> = {},
) {
  const collector = yield* collecting(
    perSecond === undefined ? {} : { LOAD_SPANS_PER_SECOND: perSecond },
  )
  const words = ["test/load/server-process.ts"]
  const running = yield* runningProgram(process.execPath, words, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.address,
    OTEL_BSP_SCHEDULE_DELAY: "60000",
    ...variables,
  })
  const server = yield* addressed(running)
  const open = yield* Effect.promise(() => openStreams(server.port, streams))
  for (const { socket } of open) socket.destroy()
  for (let count = 0; count < broken; count++) yield* Effect.promise(() => visited(server.address))
  const { millis } = yield* stop(server)
  const stderr = server.stderr()
  return {
    millis,
    stderr,
    arrived: yield* collector.ask("spans"),
    ...lostIn(stderr),
    found: yield* collector.ask("found"),
    fewestOfFound: yield* collector.ask("fewestOfFound"),
  }
})

const all = streams * spansOfStream + broken * spansOfFound

const figureOf = ({
  arrived,
  lost,
  sent,
  found,
}: Effect.Success<ReturnType<typeof ended>>): string =>
  `${whole(arrived)} of ${whole(all)} spans arrived, ${whole(lost)} were said to be lost, ` +
  `${whole(sent)} of which may have arrived; ` +
  `${found} of ${broken} exchanges with a finding arrived`

describe("a collector that takes 1,000 spans a second", () => {
  it.live(
    "costs what the time at the end does not suffice for, and nothing of a finding",
    (context) =>
      Effect.gen(function* () {
        const seen = yield* ended("1000")
        const { arrived, lost, sent, found, fewestOfFound, stderr } = seen
        tellFigure(context, figureOf(seen))
        expect(stderr).toMatch(/waited 5 s for the last spans.*\. Raise OTEL_BSP_EXPORT_TIMEOUT/)
        expect(lost).toBeGreaterThan(0)
        expect(sent).toBeLessThanOrEqual(lost)
        expect(arrived).toBeGreaterThanOrEqual(all - lost)
        expect(arrived).toBeLessThanOrEqual(all - lost + sent)
        expect([found, fewestOfFound]).toEqual([broken, spansOfFound])
      }),
  )

  it.live("costs what there is no room for, and nothing of a finding", (context) =>
    Effect.gen(function* () {
      const seen = yield* ended("1000", {
        OTEL_BSP_MAX_QUEUE_SIZE: "2000",
        OTEL_BSP_EXPORT_TIMEOUT: "60000", // here time loses nothing
      })
      const { arrived, lost, found, fewestOfFound, stderr } = seen
      tellFigure(context, figureOf(seen))
      expect(stderr).toMatch(/: more than 2000 spans waited to be sent\. Raise OTEL_BSP_MAX/)
      expect(arrived + lost).toBe(all)
      expect([found, fewestOfFound]).toEqual([broken, spansOfFound])
    }),
  )

  it.live("costs nothing of it where it takes more", (context) =>
    Effect.gen(function* () {
      const seen = yield* ended(undefined)
      const { arrived, lost } = seen
      tellFigure(context, figureOf(seen))
      expect([arrived, lost]).toEqual([all, 0])
    }),
  )
})
