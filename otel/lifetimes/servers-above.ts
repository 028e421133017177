import type { Span } from "./span.ts"

/**
 * For each span, the id of the server span above it, or its own if it is one. Each span is read once, however
 * deep the trace is.
 */
export const serversAbove = (
  spans: ReadonlyArray<Span>,
  servers: ReadonlySet<string>,
): ReadonlyMap<string, string | undefined> => {
  const parents = new Map(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]))
  const found = new Map<string, string | undefined>()
  for (const { spanId } of spans) {
    const passed: Array<string> = []
    let current: string | undefined = spanId
    while (current !== undefined && !found.has(current) && !servers.has(current)) {
      found.set(current, undefined) // at once, so that parents that go in circles end here
      passed.push(current)
      current = parents.get(current)
    }
    const server: string | undefined =
      current === undefined || servers.has(current) ? current : found.get(current)
    for (const id of passed) found.set(id, server)
    if (current !== undefined && servers.has(current)) found.set(current, current)
  }
  return found
}
