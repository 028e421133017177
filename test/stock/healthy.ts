import { calls } from "./healthy/calls.ts"
import { endedStreams } from "./healthy/ended-streams.ts"
import { jobs } from "./healthy/jobs.ts"
import { kept } from "./healthy/kept.ts"
import { lateClients } from "./healthy/late.ts"
import { lossy } from "./healthy/lossy.ts"
import { meetings } from "./healthy/meetings.ts"
import { mergedStreams } from "./healthy/merged.ts"
import { queues } from "./healthy/queues.ts"
import { races } from "./healthy/races.ts"
import { reapedConnections } from "./healthy/reaped.ts"
import { served } from "./healthy/served.ts"
import { begunAndEnded } from "./healthy/sessions.ts"
import { shared } from "./healthy/shared.ts"
import { shutDown } from "./healthy/shut-down.ts"
import { socketSignals } from "./healthy/socket-signals.ts"
import { streams } from "./healthy/streams.ts"
import { tenants } from "./healthy/tenants.ts"
import type { Program } from "./pair.ts"

/** Programs without a bug that look like those with one; their routes begin with their names. */
export const healthyPrograms = {
  ...shared,
  ...kept,
  ...shutDown,
  ...begunAndEnded,
  ...jobs,
  ...served,
  ...endedStreams,
  ...streams,
  ...queues,
  ...tenants,
  ...meetings,
  ...races,
  ...mergedStreams,
  ...reapedConnections,
  ...calls,
  ...lateClients,
  ...lossy,
  ...socketSignals,
} satisfies Readonly<Record<string, Program>>

export type HealthyName = keyof typeof healthyPrograms

export const isHealthyName = (name: string): name is HealthyName =>
  Object.hasOwn(healthyPrograms, name)

export const healthyNames = Object.keys(healthyPrograms).filter(isHealthyName)
