import { formatMillis } from "../../../otel/lifetimes/time.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import type { ComparedVariant } from "../../comparison/comparison.ts"

/** One sentence for each variant that says what happened to its stream, and why. */
export const verdictSentence = (compared: ComparedVariant): string =>
  `${capitalized(compared.variant)}: ${whatHappened(compared)}${why(compared)}.`

const whatHappened = ({ seen, eventsReceived, eventsPublished }: ComparedVariant): string => {
  const after = `${formatMillis(seen.streamMs ?? 0)} (the client's own time)`
  const events = `${eventsReceived} of ${eventsPublished} events`
  if (seen.endedBy === "client") {
    return `the stream stayed open until its client left after ${after}, and delivered ${events}`
  }
  const how = seen.endedBy === "error" ? "broke off" : "was ended by the server"
  return `the stream ${how} after ${after} and delivered ${events}`
}

const why = ({ diagnosis, seen }: ComparedVariant): string => {
  const [finding] = diagnosis.findings
  if (finding === undefined) {
    return seen.endedBy === "client" ? "; everything acquired for it was released with it" : ""
  }
  const at = (key: string) => formatMillis(Number(finding.evidence[key]))
  const said = (key: string) => `"${printable(String(finding.evidence[key]))}"`
  switch (finding.rule) {
    case "scope-closed-early":
      return `, because scope ${said("scope")} had closed at ${at("scope.closed_ms")} and taken subscription ${said("resource")} with it`
    case "context-lost":
      return `, because its body looked up ${said("missing")} at ${at("stream.ended_ms")}, which only the handler had`
    case "subscription-leak":
      return `, but subscription ${said("resource")} was still held by scope ${said("owner")} when everybody had left`
    default:
      return `: ${printable(finding.message).replace(/\.$/, "")}`
  }
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
