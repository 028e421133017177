import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Receiver } from "../../src/collector/receiver.ts"
import { expectBrokenAlone } from "../automatic/broken-alone.ts"
import { expectFindingsKept, expectKeptUnsampled } from "../automatic/keeping.ts"
import type { Place } from "../automatic/places.ts"
import { expectAllSpans, expectFewSpans } from "../automatic/span-policies.ts"
import { runningProgram } from "../support/process.ts"
import { addressed, type Variables } from "../support/running.ts"
import { stop } from "../support/stop.ts"
import { underRegister } from "./registered.ts"

/** A program that nobody has changed, which is asked to stop when the scope closes. */
const registered = (file: string, variables: Variables = {}): Place =>
  Effect.gen(function* () {
    const { url } = yield* Receiver
    const running = yield* runningProgram(process.execPath, [`test/register/${file}`], {
      ...underRegister,
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      ...variables,
    })
    const { address } = yield* addressed(running)
    yield* Effect.addFinalizer(() => stop(running))
    return (path, headers = {}) => fetch(address + path, { headers })
  })

const onNode = registered("serve.ts")

const keepingNone = registered("serve.ts", {
  OTEL_TRACES_SAMPLER: "scopeline_keep",
  OTEL_TRACES_SAMPLER_ARG: "0",
})

describe("a program that nobody has changed", () => {
  it.live("is told which scope its body needed, and nothing else", () => expectBrokenAlone(onNode))

  it.live("is told the same as a web handler", () =>
    expectBrokenAlone(registered("web-handler.ts")),
  )

  it.live("sends few spans of an ordinary request", () => expectFewSpans(onNode))

  it.live("sends all of one that streams", () => expectAllSpans(onNode))

  it.live("keeps what has a finding, of 1,000 healthy and 10 broken connections", () =>
    expectFindingsKept(keepingNone),
  )

  it.live("keeps it although its client does not sample the trace", () =>
    expectKeptUnsampled(keepingNone),
  )
})
