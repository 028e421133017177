/** Which lifetimes become spans: those that somebody asked for, and those that something may be found about. */
import type { ExchangeRecord, LifetimeRecord } from "./record.ts"

/**
 * An ordinary request shows no scopes of ours: only one that streams, holds something, was asked for, or
 * about which something was found.
 */
export const isWorthSpans = ({
  shown,
  streams,
  subscriptions,
  orphans,
  matches,
}: ExchangeRecord): boolean =>
  shown || streams.length + subscriptions.length + orphans.length + matches.length > 0

/** Of a program's own scopes, those that were asked for, and those that held something under a span. */
export const isWorthASpan = (record: LifetimeRecord): boolean =>
  record.kind !== "scope" ||
  record.asked ||
  (record.exchange === undefined && record.parentSpan !== undefined && record.finalizers > 0)
