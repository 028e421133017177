import { createHash, randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { hostname } from "node:os"
import {
  defaultResource,
  detectResources,
  hostDetector,
  osDetector,
  processDetector,
  type Resource,
  type ResourceDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from "@opentelemetry/resources"
import { HOST_ID, SERVICE_INSTANCE_ID, SERVICE_NAME } from "../attributes.ts"
import type { DetectorName } from "./settings.ts"

/** As `OTEL_NODE_RESOURCE_DETECTORS` names them; what `env` reads is in every resource. */
const detectors = {
  env: [],
  host: [hostDetector],
  os: [osDetector],
  process: [processDetector],
  serviceinstance: [serviceInstanceIdDetector],
} as const satisfies Readonly<Record<DetectorName, ReadonlyArray<ResourceDetector>>>

export interface ResourceOptions {
  readonly serviceName: string
  readonly resource: Readonly<Record<string, string>>
  /** Which detectors add to the resource. Not given: only `host.id`, as a hash. */
  readonly detectors: ReadonlyArray<DetectorName> | undefined
}

/** The attributes that all spans of a program share. Given ones win over detected ones. */
export const resourceOf = ({
  serviceName,
  resource,
  detectors: named,
}: ResourceOptions): Resource => {
  const given = resourceFromAttributes({
    [SERVICE_INSTANCE_ID]: randomUUID(),
    ...(named === undefined ? { [HOST_ID]: hostId() } : {}),
    ...resource,
    [SERVICE_NAME]: serviceName,
  })
  const detected = detectResources({ detectors: named?.flatMap((name) => detectors[name]) ?? [] })
  return defaultResource().merge(detected).merge(given)
}

/**
 * The same for all programs of a machine. Jaeger believes the times of a child only if its parent has the same
 * one. It is a hash, because people attach traces to public issues.
 */
export const hostId = (): string =>
  createHash("sha256").update(`scopeline ${machineId()}`).digest("hex").slice(0, 32)

/** systemd and D-Bus keep it there. Elsewhere, the machine's name is what its programs have in common. */
const machineId = (): string => {
  for (const path of ["/etc/machine-id", "/var/lib/dbus/machine-id"]) {
    try {
      const id = readFileSync(path, "utf8").trim()
      if (id !== "") return id
    } catch {} // it is not there
  }
  return hostname()
}
