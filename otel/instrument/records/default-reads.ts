import * as Context from "effect/Context"
import type { Micros } from "../../lifetimes/time.ts"
import type { AnyFiber } from "../effect/fibers.ts"
import { hasOwn } from "../effect/references.ts"
import { readerOn } from "./current-stream.ts"
import type { ExchangeRecord } from "./record.ts"

/** What the registry has to do with them. */
interface Registry {
  readonly now: () => Micros
  /** Has an exchange judged again. */
  readonly later: (exchange: ExchangeRecord) => void
}

/** A fiber asks for a Reference: a body may get the default although its handler had set a value. */
export const noteReference = (
  registry: Registry,
  fiber: AnyFiber,
  reference: Context.Reference<unknown>,
): void => {
  const exchange = readerOn(fiber)?.exchange
  const contexts = exchange?.handlerContexts
  if (exchange === undefined || contexts === undefined || exchange.defaultRead !== undefined) return
  if (isEffects(reference) || hasOwn(fiber.context, reference)) return
  const given = Context.get(fiber.context, reference)
  const handlers = contexts.find((context) => hasOwn(context, reference))
  if (handlers === undefined || Context.get(handlers, reference) === given) return
  exchange.defaultRead = { at: registry.now(), reference: reference.key }
  registry.later(exchange)
}

/**
 * A handler sets Effect's own References, such as the log level, for a part of its work and for nothing else.
 */
const isEffects = ({ key }: Context.Reference<unknown>): boolean => /^~?effect\//.test(key)
