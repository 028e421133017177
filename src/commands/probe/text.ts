import { withoutSecrets } from "../../../otel/export/address.ts"
import { counted } from "../../../otel/lifetimes/counted.ts"
import type { ClientEnd } from "../../../otel/lifetimes/terms.ts"
import { formatMillis } from "../../../otel/lifetimes/time.ts"
import { findingLines } from "../../../otel/timeline/finding-lines.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import type { Line } from "../../../otel/timeline/segment.ts"
import { paragraph } from "../../../otel/timeline/segment.ts"
import { isPlain } from "../../probe/content-encoding.ts"
import type { Counts, Deviation } from "../../probe/deviation.ts"
import { isNone } from "../../probe/deviation.ts"
import { type ClientView, isEventStream } from "../../probe/event-stream.ts"
import { receivedTypes } from "../../probe/event-types.ts"
import type { ProbeResult } from "../../probe/probe.ts"
import type { Connection, Visit } from "../../probe/visit.ts"

/** What was probed but for the verdict, for people, in lines of at most `width` columns. */
export const probeLines = (probed: ProbeResult, width: number): ReadonlyArray<Line> => {
  const { visit, baseline, findings, notes } = probed
  return [
    ...visitLines(visit, "", width),
    ...(baseline === undefined
      ? []
      : [
          ...visitLines(baseline.visit, "Baseline ", width),
          ...deviationLines(baseline.deviation, width),
        ]),
    ...(findings.length === 0 ? [] : [...findingLines(findings, width), []]),
    ...notes.flatMap((note) => paragraph(`Note: ${printable(note)}`, 0, width, "muted")),
  ]
}

/** What is to be concluded, in one sentence. */
export const probeVerdict = ({ visit, baseline, findings, asExpected }: ProbeResult): string => {
  const { connections } = visit
  const connected = `Probed ${counted(connections.length, "connection")}`
  const streams = connections.filter(({ seen }) => isEventStream(seen)).length
  const differs = baseline !== undefined && !isNone(baseline.deviation)
  const problems = [
    ...(findings.length === 0 ? [] : [counted(findings.length, "finding")]),
    ...(streams < connections.length
      ? [`${connections.length - streams} without an event stream`]
      : []),
    ...(differs ? ["not what the baseline received"] : []),
  ]
  if (problems.length > 0) return `${connected}: ${problems.join(", ")}.`
  return `${connected}: ${asExpected ? "no problems found" : "not as expected"}.`
}

const mostConnections = 20

const visitLines = (
  { url, connections, uncompressed }: Visit,
  title: string,
  width: number,
): ReadonlyArray<Line> => {
  const count = counted(connections.length, "connection")
  const more = connections.length - mostConnections
  return [
    ...paragraph(`${title}${printable(withoutSecrets(url))}: ${count}`, 0, width, "title"),
    ...connections
      .slice(0, mostConnections)
      .flatMap((connection) => paragraph(connectionText(connection), 2, width, "plain")),
    ...(more > 0 ? paragraph(`and ${more} more`, 2, width, "muted") : []),
    ...(uncompressed === undefined
      ? []
      : paragraph(withoutCompression(uncompressed), 2, width, "plain")),
    ...paragraph(clientTimes, 2, width, "muted"),
    [],
  ]
}

export const withoutCompression = (connection: Connection): string =>
  `One more, which accepts no compression: ${connectionText(connection)}`

/** The server's times stand beside them, and count from another moment. */
export const clientTimes = "Times are the client's own: they count from its request."

const ends: Readonly<Record<ClientEnd, string>> = {
  client: "left after",
  server: "ended by the server after",
  shutdown: "ended by a shutdown of the server after",
  error: "broke off after",
}

export const connectionText = ({ seen }: Connection): string => {
  const first = (what: string, millis: number | undefined) =>
    millis === undefined ? [] : [`first ${what} ${formatMillis(millis)}`]
  const types = receivedTypes(seen)
  return [
    seen.status === undefined ? "no answer" : String(seen.status),
    ...(isPlain(seen.contentEncoding) ? [] : [printable(seen.contentEncoding ?? "", 60)]),
    ...first("byte", seen.firstByteMs),
    ...first("event", seen.firstEventMs),
    ...(seen.endedBy === undefined
      ? []
      : [`${ends[seen.endedBy]} ${formatMillis(seen.streamMs ?? 0)}${silence(seen)}`]),
    types === "" ? "no events" : types,
  ].join(" · ")
}

const shortSilence = 1000

const silence = ({ endedBy, silentMs = 0 }: ClientView): string =>
  endedBy !== "client" && silentMs >= shortSilence
    ? `, silent for the last ${formatMillis(silentMs)}`
    : ""

const deviationLines = ({ missing, extra }: Deviation, width: number): ReadonlyArray<Line> => [
  ...countLines("Missing, which the baseline received:", missing, width),
  ...countLines("Extra, which the baseline did not receive:", extra, width),
]

const mostTypes = 50

const countLines = (heading: string, counts: Counts, width: number): ReadonlyArray<Line> => {
  const entries = Object.entries(counts)
  if (entries.length === 0) return []
  const more = entries.length - mostTypes
  return [
    ...paragraph(heading, 0, width, "finding"),
    ...entries
      .slice(0, mostTypes)
      .flatMap(([type, count]) => paragraph(`${count} ${printable(type)}`, 2, width, "plain")),
    ...(more > 0 ? paragraph(`and ${more} more types`, 2, width, "muted") : []),
    [],
  ]
}
