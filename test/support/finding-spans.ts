import { expect } from "vitest"
import { FINDING, LINK_ROLE } from "../../otel/attributes.ts"
import type { Finding } from "../../otel/lifetimes/finding.ts"
import type { Span, SpanLink } from "../../otel/lifetimes/span.ts"
import { danglingIn } from "./dangling.ts"

/** What the spans of a program tell of its findings: each once, from its cause to its effect, and with links. */
export const expectFindingSpans = (
  spans: ReadonlyArray<Span>,
  findings: ReadonlyArray<Finding>,
): void => {
  const told = spans.filter(({ name }) => name.startsWith("finding "))
  const names = told.map(({ name }) => name).toSorted()
  expect(names).toEqual(
    findings.flatMap(({ rule, count }) => Array(count).fill(`finding ${rule}`)).toSorted(),
  )
  expect(danglingIn(spans)).toEqual([])
  for (const { name, links } of spans) {
    for (const { attributes } of links)
      expect(attributes[LINK_ROLE], name).toEqual(expect.any(String))
  }
  for (const span of told) expectBridge(span, spans)
}

const expectBridge = (finding: Span, spans: ReadonlyArray<Span>): void => {
  const { name, links, startedAt, endedAt, attributes } = finding
  const exchange = spans.find(({ spanId }) => spanId === finding.parentSpanId)
  const linked = (role: string) =>
    links.filter((link) => link.attributes[LINK_ROLE] === role).map((link) => spanAt(link, spans))
  const outside = links.filter(({ traceId }) => traceId !== finding.traceId)
  const [cause] = linked("cause")
  const [cutOff] = linked("cut off")
  expect(attributes[FINDING], name).toBe(name.replace("finding ", ""))
  expect(links.length, name).toBeGreaterThan(0)
  if (exchange !== undefined) expect(startedAt, name).toBeGreaterThanOrEqual(exchange.startedAt)
  if (outside.length > 0 && cutOff !== undefined) {
    expect(endedAt, name).toBe(momentOf(cutOff, "stream.end"))
    expect(startedAt, name).toBeLessThanOrEqual(endedAt)
  } else if (cause !== undefined && cutOff !== undefined) {
    const causedAt = momentOf(cause, "scope.close")
    const before = attributes["lifetime.cause_time"]
    if (before === undefined) expect(startedAt, name).toBe(causedAt)
    else expect(Date.parse(String(before)), name).toBe(Math.trunc(causedAt / 1000))
    expect(endedAt, name).toBe(momentOf(cutOff, "stream.end"))
  } else if (linked("left open").length > 0 && exchange?.attributes["lifetime.open"] !== true) {
    if (exchange !== undefined) expect(startedAt, name).toBe(exchange.endedAt)
    expect(endedAt, name).toBeGreaterThanOrEqual(startedAt)
  } else expect(endedAt, name).toBe(startedAt)
}

const spanAt = ({ spanId }: SpanLink, spans: ReadonlyArray<Span>): Span | undefined =>
  spans.find((span) => span.spanId === spanId)

const momentOf = ({ events }: Span, name: string): number =>
  events.find((event) => event.name === name)?.time ?? Number.NaN
