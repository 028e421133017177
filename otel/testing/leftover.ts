import * as Schema from "effect/Schema"
import { nameOfFiber } from "../instrument/records/detached-fibers.ts"
import { groupFinalizers } from "../instrument/records/finalizer-groups.ts"
import { codeOfFiber } from "../instrument/records/orphans.ts"
import { openedWhere } from "../lifetimes/model.ts"
import { millisBetween } from "../lifetimes/time.ts"
import { codeText } from "../timeline/code-text.ts"
import { CodeLocation } from "./code-location.ts"
import type { ObservedProgram, OpenRecord } from "./observed-program.ts"

/** Something that began inside a guarded program and was still open after its end. */
export const Leftover = Schema.Struct({
  kind: Schema.Literals(["exchange", "scope", "subscription", "stream", "fiber"]),
  name: Schema.String,
  /** The exchange it belongs to, as `GET /event`; `undefined` if it belongs to the program itself. */
  exchange: Schema.UndefinedOr(Schema.String),
  /** For how long it has been open, in milliseconds. */
  openMs: Schema.Number,
  /** What it keeps open, as `subscription bus`. */
  holds: Schema.Array(Schema.String),
  code: Schema.UndefinedOr(CodeLocation),
  /** What happened there. A scope may be opened around a call, by something that stands elsewhere. */
  began: Schema.Literals([
    "answered in",
    "opened in",
    "opened around",
    "acquired in",
    "run in",
    "forked in",
    "runs",
  ]),
})

export interface Leftover extends Schema.Schema.Type<typeof Leftover> {}

/** A fiber of the program, as it was when everything had to be over. */
export interface LeftFiber {
  readonly id: number
  readonly leftover: Leftover
}

/** The program's fibers that run, owned by something outside of it or by nothing. */
export const fibersLeft = ({ registries, now }: ObservedProgram): ReadonlyArray<LeftFiber> =>
  registries.flatMap((registry) =>
    registry.programFibers.running().map(([fiber, birth]) => ({
      id: fiber.id,
      leftover: {
        kind: "fiber" as const,
        name: nameOfFiber(fiber, birth),
        exchange: undefined,
        openMs: millisBetween(birth.at, now),
        holds: [],
        code: codeOfFiber(fiber, birth),
        began: birth.inherited === undefined ? ("runs" as const) : ("forked in" as const),
      },
    })),
  )

/** What is open of finished exchanges, and of the program; `told` are span ids that findings name. */
export const lifetimesLeft = (
  observed: ObservedProgram,
  told: ReadonlySet<string>,
): ReadonlyArray<Leftover> => {
  const open = observed.openLifetimes
  const covering = new Set([...told, ...open.map(({ span }) => span.spanId)])
  return [
    ...observed.openExchanges
      .filter(({ span }) => !told.has(span.spanId))
      .map((exchange) => ({
        kind: "exchange" as const,
        name: exchange.route,
        exchange: exchange.route,
        openMs: millisBetween(exchange.startedAt, observed.now),
        holds: heldBy(open, (record) => record.exchange === exchange),
        code: exchange.scopes.find(({ code }) => code !== undefined)?.code,
        began: "answered in" as const,
      })),
    ...open
      .filter((record) => !told.has(record.span.spanId) && !isCovered(record, covering))
      .map((record) => leftoverOf(record, open, observed)),
  ]
}

/** It ends with something that is reported already: its exchange, or the scope that owns or encloses it. */
const isCovered = (record: OpenRecord, covering: ReadonlySet<string>): boolean => {
  const { exchange } = record
  if (exchange !== undefined && exchange.endedAt === undefined) return true
  if (record.kind === "subscription") {
    const { spanId } = record.owner
    return spanId !== undefined && covering.has(spanId)
  }
  if (record.kind === "scope") return record.parent !== undefined && covering.has(record.parent)
  return record.kind === "fiber" && record.exchange === undefined // among the program's fibers
}

const leftoverOf = (
  record: OpenRecord,
  open: ReadonlyArray<OpenRecord>,
  observed: ObservedProgram,
): Leftover => ({
  kind: record.kind,
  name: record.name,
  exchange: record.exchange?.route,
  openMs: millisBetween(record.startedAt, observed.now),
  holds: [
    ...heldBy(open, (it) => it.kind === "subscription" && it.owner.spanId === record.span.spanId),
    ...finalizersIn(record, observed),
  ],
  code: record.kind === "stream" ? undefined : record.code,
  began: beganOf(record),
})

const beganOf = (record: OpenRecord): Leftover["began"] => {
  switch (record.kind) {
    case "scope":
      return openedWhere(record)
    case "subscription":
      return "acquired in"
    case "stream":
      return "run in"
    case "fiber":
      return record.isForkedThere ? "forked in" : "runs"
  }
}

/** `10 × release openSession, /app/session.ts:24, from GET /x` */
const finalizersIn = (record: OpenRecord, { finalizers }: ObservedProgram): ReadonlyArray<string> =>
  groupFinalizers(finalizers.filter(({ heldBy }) => heldBy === record)).map(
    ({ what, name, code, route, count }) =>
      [`${count} × ${what} ${code === undefined ? name : codeText(code)}`, `from ${route}`].join(
        ", ",
      ),
  )

const heldBy = (
  open: ReadonlyArray<OpenRecord>,
  isHeld: (record: OpenRecord) => boolean,
): ReadonlyArray<string> => open.filter(isHeld).map((record) => `${record.kind} ${record.name}`)
