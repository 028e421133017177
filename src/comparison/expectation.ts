import type { ClientEnd } from "../../otel/lifetimes/terms.ts"
import type { VariantName } from "../server/variant-name.ts"
import type { ComparedVariant } from "./comparison.ts"

interface Expectation {
  readonly endedBy: ClientEnd
  readonly received: "all" | "none"
  readonly rules: ReadonlyArray<string>
}

/** What each variant is there to show. */
const expectations: Readonly<Record<VariantName, Expectation>> = {
  broken: { endedBy: "server", received: "none", rules: ["scope-closed-early"] },
  actual: { endedBy: "error", received: "none", rules: ["context-lost"] },
  literal: { endedBy: "client", received: "all", rules: ["subscription-leak"] },
  fixed: { endedBy: "client", received: "all", rules: [] },
}

export const isAsExpected = (compared: ComparedVariant): boolean => {
  const expected = expectations[compared.variant]
  const { findings } = compared.diagnosis
  return (
    compared.seen.endedBy === expected.endedBy &&
    compared.eventsReceived === (expected.received === "all" ? compared.eventsPublished : 0) &&
    findings.map(({ rule }) => rule).join() === expected.rules.join() &&
    findings.every(({ count, confidence }) => count === 1 && confidence === "certain")
  )
}
