import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

/** What the program itself says about a span: with `sampled`, or with a level below `MinimumTraceLevel`. */
export type Said = "sample" | "leave out" | undefined

/**
 * Whether a span is recorded, by its parent and the id of its trace. No sampler takes what the program leaves
 * out.
 */
export type Sampling = (
  parent: Tracer.AnySpan | undefined,
  traceId: () => string,
  said?: Said,
) => boolean

type SpanOptions = Pick<Parameters<Tracer.Tracer["span"]>[0], "parent" | "sampled">

/** Effect combines into one answer what the program says, what the parent passes on, and the level. */
export const saidOf = ({ parent, sampled }: SpanOptions): Said => {
  const above = Option.getOrUndefined(parent)
  const inherits = above?.sampled === false
  if (sampled) return inherits ? "sample" : undefined
  // If another service leaves it out, this program has not said so.
  return inherits && above._tag === "ExternalSpan" && isLevelTaken() ? undefined : "leave out"
}

const isLevelTaken = (): boolean => {
  const context = Fiber.getCurrent()?.context ?? Context.empty()
  return !LogLevel.isGreaterThan(
    Context.get(context, Tracer.MinimumTraceLevel),
    Context.get(context, Tracer.CurrentTraceLevel),
  )
}

/** The standard samplers, and ours, which records everything and decides when it is known what happened. */
export const samplerNames = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
  "scopeline_keep",
] as const

export type SamplerName = (typeof samplerNames)[number]

/** Whether `OTEL_TRACES_SAMPLER_ARG` says something to it. */
export const takesRatio = (name: SamplerName): boolean =>
  name === "scopeline_keep" || name.endsWith("traceidratio")

export interface Sampler {
  readonly name: SamplerName
  /** From 0 to 1, for those that take one. */
  readonly ratio: number
}

export const defaultSampler: Sampler = { name: "parentbased_always_on", ratio: 1 }

const always = () => true
const never = () => false

/**
 * Whether a trace is among the share that is taken: computed as in the SDK's sampler, so that every service
 * agrees.
 */
export const isWithin = (ratio: number): ((traceId: string) => boolean) => {
  if (ratio <= 0) return never
  if (ratio >= 1) return always
  const bound = Math.floor(ratio * 0xffff_ffff)
  return (traceId) => foldedWords(traceId) < bound
}

/** The four words of an id, folded into one. */
const foldedWords = (traceId: string): number => {
  let folded = 0
  for (let digit = 0; digit < 32; digit += 8) {
    folded ^= Number.parseInt(traceId.slice(digit, digit + 8), 16)
  }
  return folded >>> 0
}

export const samplingOf = (sampler: Sampler): Sampling => {
  const sampling = byName(sampler)
  return (parent, traceId, said) => said !== "leave out" && sampling(parent, traceId, said)
}

const byName = ({ name, ratio }: Sampler): Sampling => {
  const taken = isWithin(ratio)
  const byRatio: Sampling = (_, traceId) => taken(traceId())
  switch (name) {
    case "always_on":
    case "scopeline_keep":
      return always
    case "always_off":
      return never
    case "traceidratio":
      return byRatio
    case "parentbased_always_on":
      return parentBased(always)
    case "parentbased_always_off":
      return parentBased(never)
    case "parentbased_traceidratio":
      return parentBased(byRatio)
  }
}

const parentBased =
  (root: Sampling): Sampling =>
  (parent, traceId, said) =>
    parent === undefined ? root(parent, traceId) : parent.sampled || said === "sample"
