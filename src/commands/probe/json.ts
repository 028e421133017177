import { withoutSecrets } from "../../../otel/export/address.ts"
import type { ProbeResult } from "../../probe/probe.ts"
import type { Connection, Visit } from "../../probe/visit.ts"

/** What was probed, as `probe --json` prints it. */
export const probeJson = ({ visit, baseline, findings, notes }: ProbeResult) => ({
  ...visitToJson(visit),
  ...(baseline === undefined
    ? {}
    : { baseline: visitToJson(baseline.visit), difference: baseline.deviation }),
  findings,
  notes,
})

const visitToJson = ({ url, connections, uncompressed }: Visit) => ({
  url,
  connections: connections.map(connectionToJson),
  ...(uncompressed === undefined ? {} : { withoutCompression: connectionToJson(uncompressed) }),
})

const connectionToJson = ({ seen }: Connection) => ({
  status: seen.status ?? null,
  contentEncoding: seen.contentEncoding ?? null,
  redirectedTo: seen.redirects.map(withoutSecrets),
  firstByteMs: seen.firstByteMs ?? null,
  firstEventMs: seen.firstEventMs ?? null,
  streamMs: seen.streamMs ?? null,
  silentMs: seen.silentMs ?? null,
  endedBy: seen.endedBy ?? null,
  events: Object.fromEntries(seen.events),
})
