import { writeToStderr } from "../export/stderr.ts"
import type { ExchangeRecord } from "../instrument/records/record.ts"
import { type Sink, silentSink } from "../instrument/records/sink.ts"
import { findingOf, groupKey, type Match } from "../lifetimes/finding.ts"
import { mostKinds } from "../lifetimes/tally.ts"
import { findingLines } from "../timeline/finding-lines.ts"
import { plainText } from "../timeline/segment.ts"

/** The width if stderr is not a terminal. */
const usualWidth = 100

/** Prints findings on stderr, each kind once. Nothing leaves the process. */
export const tellFindings = (service: string): Sink => {
  const told = new Set<string>()
  const tell = (match: Match) => {
    const kind = groupKey(match)
    if (told.has(kind) || told.size >= mostKinds) return
    told.add(kind)
    const finding = findingOf(match, 1, [match])
    const lines = findingLines([{ ...finding, examples: [] }], process.stderr.columns ?? usualWidth)
    writeToStderr(`\n${plainText(lines)}`)
  }
  const tellAll = (exchange: ExchangeRecord) => {
    for (const match of exchange.matches) tell(match)
  }
  return {
    ...silentSink,
    service,
    done: tellAll,
    export: (record) => {
      if (record.kind === "fiber" && record.match !== undefined) tell(record.match)
    },
    exportFinding: (_, match) => tell(match),
    exportOpen: (exchanges) => exchanges.forEach(tellAll),
  }
}
