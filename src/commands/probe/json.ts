import type { ProbeResult } from "../../probe/probe.ts"
import type { Visit } from "../../probe/visit.ts"

/** What was probed, as `probe --json` prints it. */
export const probeJson = ({ visit, baseline, findings, notes }: ProbeResult) => ({
  ...visitToJson(visit),
  ...(baseline === undefined
    ? {}
    : { baseline: visitToJson(baseline.visit), difference: baseline.deviation }),
  findings,
  notes,
})

const visitToJson = ({ url, connections }: Visit) => ({
  url,
  connections: connections.map(({ seen }) => ({
    status: seen.status ?? null,
    firstByteMs: seen.firstByteMs ?? null,
    firstEventMs: seen.firstEventMs ?? null,
    streamMs: seen.streamMs ?? null,
    endedBy: seen.endedBy ?? null,
    events: Object.fromEntries(seen.events),
  })),
})
