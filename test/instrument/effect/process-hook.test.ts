import { deepStrictEqual, strictEqual } from "node:assert"
import { afterEach, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Tracer from "effect/Tracer"
import { attachToProcess, type ProcessHook } from "../../../otel/instrument/effect/process-hook.ts"
import { observing } from "../../../otel/instrument/effect/tracer-hook.ts"
import { capturedStderr } from "../../support/stderr.ts"

/** A tracer that keeps the names of its spans, and counts what it sees of fibers. */
const seeing = (around: Tracer.Tracer) => {
  const seen: { readonly spans: Array<string>; entered: number } = { spans: [], entered: 0 }
  const tracer = observing(
    Tracer.make({
      span: (options) => {
        seen.spans.push(options.name)
        return around.span(options)
      },
    }),
    {
      started: () => {},
      entered: () => {
        seen.entered++
      },
      called: () => {},
      interrupted: () => {},
      serving: () => {},
    },
  )
  return { seen, tracer }
}

const program = Effect.scoped(Effect.withSpan(Effect.yieldNow, "span"))

describe("attached to the whole process", () => {
  capturedStderr()
  let detach: (() => void) | undefined
  const attach = (tracer: ProcessHook["tracer"], around: ProcessHook["around"]): void => {
    detach = attachToProcess({ tracer, around, metrics: (own) => own })
  }
  afterEach(() => detach?.())

  it("a tracer is given to programs that have none, whatever runs them", async () => {
    const { seen, tracer } = seeing(Tracer.nativeTracer)
    attach(tracer, (own) => own)
    await Effect.runPromise(program)
    await new Promise((resolve) => Effect.runFork(program).addObserver(resolve))
    await ManagedRuntime.make(Layer.empty).runPromise(program)
    Effect.runSync(Effect.scoped(Effect.withSpan(Effect.void, "span")))
    deepStrictEqual(seen, { spans: ["span", "span", "span", "span"], entered: 4 })
    strictEqual(Effect.runSync(Effect.tracer), tracer)
  })

  it("a tracer goes around the one that a program brings, made once", async () => {
    const own = seeing(Tracer.nativeTracer)
    const around = seeing(own.tracer)
    let made = 0
    attach(seeing(Tracer.nativeTracer).tracer, (brought) => {
      made++
      return brought === own.tracer ? around.tracer : brought
    })
    const traced = Effect.provideService(program, Tracer.Tracer, own.tracer)
    await Effect.runPromise(Effect.andThen(traced, traced))
    deepStrictEqual(own.seen.spans, ["span", "span"])
    deepStrictEqual(around.seen, { spans: ["span", "span"], entered: 2 })
    strictEqual(made, 1)
  })

  it("nothing is seen any more once it is detached, and the default is what it was", async () => {
    const { seen, tracer } = seeing(Tracer.nativeTracer)
    const before = Effect.runSync(Effect.tracer)
    attach(tracer, (own) => own)
    detach?.()
    await Effect.runPromise(program)
    deepStrictEqual(seen.spans, [])
    strictEqual(Effect.runSync(Effect.tracer), before)
  })

  it("a tracer that cannot be made leaves the program as it was", async () => {
    const { tracer } = seeing(Tracer.nativeTracer)
    attach(tracer, () => {
      throw new Error("no tracer")
    })
    const own = seeing(Tracer.nativeTracer)
    await Effect.runPromise(Effect.provideService(program, Tracer.Tracer, own.tracer))
    deepStrictEqual(own.seen, { spans: ["span"], entered: 1 })
  })
})
