import type * as Scope from "effect/Scope"
import { unnamed } from "../../attributes.ts"
import { type AnyFiber, hasEnded, observersOf, spanOf } from "../effect/fibers.ts"
import { scopeIn } from "../effect/scopes.ts"
import { frameOf, functionOf, type StackFrame } from "../effect/stack-frames.ts"

/** What is known of a fiber since it ran for the first time. */
export interface Birth {
  readonly at: number
  /** The function or the span in which it was started. */
  readonly inherited: StackFrame | undefined
  /** The scope in which it was started. */
  readonly scope: Scope.Scope | undefined
}

/** How many fibers may have ended before they are forgotten. */
const slack = 16

/** Fibers without a parent, while they run. */
export class DetachedFibers {
  /** Fibers that had an owner at the last check. */
  #owned: WeakMap<AnyFiber, Birth> | undefined
  /**
   * Made for the first fiber: most exchanges start none, and an empty Map is as large as the rest of an
   * exchange.
   */
  #fibers: Map<AnyFiber, Birth> | undefined
  #forgetAt = slack

  /** `at` is the moment of its start. */
  add(fiber: AnyFiber, at: number): void {
    this.#fibers ??= new Map()
    this.#fibers.set(fiber, {
      at,
      inherited: frameOf(fiber),
      scope: scopeIn(fiber.context),
    })
    if (this.#fibers.size < this.#forgetAt) return
    for (const known of this.#fibers.keys()) {
      if (hasEnded(known)) this.#fibers.delete(known)
    }
    this.#forgetAt = this.#fibers.size * 2 + slack
  }

  /** How many are kept, including ended ones that are not forgotten yet. */
  get size(): number {
    return this.#fibers?.size ?? 0
  }

  delete(fiber: AnyFiber): void {
    this.#fibers?.delete(fiber)
  }

  /** Fibers that have not ended. */
  running(): ReadonlyArray<readonly [fiber: AnyFiber, birth: Birth]> {
    if (this.#fibers === undefined) return []
    return [...this.#fibers].filter(([fiber]) => !hasEnded(fiber))
  }

  /** Fibers that run although nothing owns them. */
  unowned(): ReadonlyArray<readonly [fiber: AnyFiber, birth: Birth]> {
    return this.running().filter(([fiber]) => observersOf(fiber) === 0)
  }

  /** Whether something owned one of the fibers that ran on. */
  get areOwned(): boolean {
    return this.#owned !== undefined
  }

  /** What is known of a fiber that had an owner. */
  birthOf(fiber: AnyFiber): Birth | undefined {
    return this.#owned?.get(fiber)
  }

  /** Fibers without an owner are recorded. For the others, only how they began is kept. */
  release(): void {
    for (const [fiber, birth] of this.running()) {
      if (observersOf(fiber) === 0) continue
      this.#owned ??= new WeakMap()
      this.#owned.set(fiber, birth)
    }
    this.#fibers = undefined
  }
}

/** The function or the span that a fiber runs, or else the one in which it was started. */
export const nameOfFiber = (fiber: AnyFiber, birth: Birth): string => {
  const frame = ownFrame(fiber, birth)
  if (frame !== undefined) return functionOf(frame)
  const span = spanOf(fiber)
  return span?._tag === "Span" ? span.name : unnamed.fiber
}

/** The first function or span that it entered since it was started. */
export const ownFrame = (fiber: AnyFiber, { inherited }: Birth): StackFrame | undefined => {
  let frame = frameOf(fiber)
  while (frame?.parent !== undefined && frame !== inherited && frame.parent !== inherited) {
    frame = frame.parent
  }
  return frame
}
