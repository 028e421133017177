import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { served } from "../support/command.ts"
import { publish } from "../support/event-server.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { stop } from "../support/stop.ts"

const connections = 200

/** Reads the stream until it has had so many chunks, or until that has ended, and leaves. */
const read = async (address: string, chunks: number): Promise<void> => {
  const { body } = await fetch(`${address}/event`)
  let read = 0
  for await (const _ of body ?? []) if (++read === chunks) break
}

/** The names of the spans that a server sends of many clients at once; `spansIn` looks at their times. */
const namesOf = Effect.fnUntraced(function* (words: ReadonlyArray<string>) {
  const sink = yield* otlpSink
  const server = yield* served(words, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.address })
  const publishing = Effect.forever(
    Effect.andThen(publish(server.address, { type: "load", properties: {} }), Effect.sleep(5)),
  )
  const all = Array.from({ length: connections }, () => read(server.address, 3))
  yield* Effect.raceFirst(
    Effect.promise(() => Promise.all(all)),
    publishing,
  )
  const { code } = yield* stop(server)
  expect(code, server.output()).toBe(0)
  return (yield* spansIn(sink.requests)).map(({ name }) => name)
})

describe(`${connections} connections at once, under load`, () => {
  it.live.each([
    ["fixed", ["--fixed"], "scope connection"],
    ["broken", [], "finding scope-closed-early"],
  ] as const)("send no span of the %s stream that begins before its parent", ([, words, name]) =>
    Effect.gen(function* () {
      const names = yield* namesOf(words)
      expect(names.filter((it) => it === name)).toHaveLength(connections)
    }).pipe(Effect.scoped),
  )
})
