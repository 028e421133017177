import type { Evidence } from "./finding.ts"

/** What is known of these facts: evidence that says nothing is none. */
export const known = (facts: Readonly<Record<string, Evidence[string] | undefined>>): Evidence => {
  const evidence: Record<string, Evidence[string]> = {}
  for (const [fact, value] of Object.entries(facts)) {
    if (value !== undefined && value !== "") evidence[fact] = value
  }
  return evidence
}
