import * as Context from "effect/Context"
import type { Match } from "../../lifetimes/finding.ts"
import type { Micros } from "../../lifetimes/time.ts"
import type { Answer } from "../effect/http-attributes.ts"
import { harmlessly } from "../harmlessly.ts"
import type { ExchangeRecord, LifetimeRecord } from "./record.ts"

export interface Sink {
  /** `service.name` of what is exported. */
  readonly service: string
  /**
   * When it writes the span of an exchange that ends now, with what is known of the exchange then;
   * `undefined`: this sink does not write it; annotate the span before it ends.
   */
  readonly writes: (exchange: ExchangeRecord) => "at once" | "when done" | undefined
  /** Whether nothing of a finished exchange will be exported, once nothing more can be found about it. */
  readonly drops: (exchange: ExchangeRecord) => boolean
  /** Called when an exchange has begun. */
  readonly begun: (exchange: ExchangeRecord) => void
  /** Called with the response of an exchange, before its head is sent. */
  readonly answered: (exchange: ExchangeRecord, answer: Answer) => void
  /** Called when an exchange has ended and nothing more will be found about it. */
  readonly done: (exchange: ExchangeRecord) => void
  /** Takes a lifetime that has ended, or that is still open when the program stops. */
  readonly export: (record: LifetimeRecord) => void
  /** Takes a finding that will not be taken back. Called once for each. */
  readonly exportFinding: (exchange: ExchangeRecord, match: Match, at: Micros) => void
  /** Reports at once that these exchanges are open. */
  readonly exportOpen: (exchanges: ReadonlyArray<ExchangeRecord>, at: Micros) => void
}

/** Discards everything. */
export const silentSink: Sink = {
  service: "",
  writes: () => undefined,
  drops: () => false,
  begun: () => {},
  answered: () => {},
  done: () => {},
  export: () => {},
  exportFinding: () => {},
  exportOpen: () => {},
}

/** Where finished lifetimes go. Without an exporter they go nowhere. */
export const LifetimeSink = Context.Reference<Sink>("scopeline/LifetimeSink", {
  defaultValue: () => silentSink,
})

/** The same sink, whose errors never reach the program. */
export const harmless = (sink: Sink): Sink => {
  const guard = (write: () => void) => harmlessly(write, undefined, "export a lifetime")
  return {
    service: sink.service,
    writes: (exchange) => harmlessly(() => sink.writes(exchange), undefined, "export a lifetime"),
    drops: (exchange) => harmlessly(() => sink.drops(exchange), false, "export a lifetime"),
    begun: (exchange) => guard(() => sink.begun(exchange)),
    answered: (exchange, answer) => guard(() => sink.answered(exchange, answer)),
    done: (exchange) => guard(() => sink.done(exchange)),
    export: (record) => guard(() => sink.export(record)),
    exportFinding: (exchange, match, at) => guard(() => sink.exportFinding(exchange, match, at)),
    exportOpen: (exchanges, at) => guard(() => sink.exportOpen(exchanges, at)),
  }
}
