import { counted } from "../counted.ts"
import type { Rule } from "../rule.ts"
import { formatMillis, millisBetween } from "../time.ts"

export const telemetryCutOff: Rule<"telemetry-cut-off"> = {
  name: "telemetry-cut-off",
  severity: "warning",
  symptom: "Traces lack their last spans, as if that work had never happened.",
  summary: "Spans ended after the exporter had been flushed and shut down.",
  meaning: `A span ended after the exporter had sent its last batch. The span is lost. A trace without it looks as if
that work had never happened. Only the program itself can know: its span processor counts such spans and prints the
count once on stderr. A trace that lacks a parent proves nothing, so this rule never judges a recording.`,
  suggestion: `Close the exporter last. The Layer of the telemetry goes around the whole program, and a
scope that owns an exporter outlives the body of the response:

  // outermost
  Layer.launch(server.pipe(Layer.provide(layerTelemetry(settings))))
  // in the request's scope
  yield* Effect.addFinalizer(() => Scope.close(event, Exit.void))`,
  incidents: [
    {
      title: "alchemy-run/alchemy #1639",
      url: "https://github.com/alchemy-run/alchemy/pull/1639",
      story:
        "The scope of an event owned the exporter and closed as soon as the handler had returned: what " +
        "the body of the response did afterwards was never exported.",
    },
  ],
  shownBy: { what: "what only the program itself knows", has: () => false },
  judge: () => [],
  judgeProgram: ({ cutOff }) => {
    const [first] = cutOff?.spans ?? []
    if (cutOff === undefined || first === undefined) return []
    const endedAt = first.endedAt ?? cutOff.closedAt
    const late = millisBetween(cutOff.closedAt, endedAt)
    return [
      {
        confidence: "certain",
        operation: first.name,
        message:
          `${counted(cutOff.count, "span")} ended after the exporter had been flushed and shut down, the first, ` +
          `"${first.name}", ${formatMillis(late)} later: nobody will ever see them.`,
        evidence: {
          "spans.lost": cutOff.count,
          "span.name": first.name,
          "span.lasted_ms": millisBetween(first.startedAt, endedAt),
          "span.ended_after_shutdown_ms": late,
        },
        stream: undefined,
        spanIds: cutOff.spans.map(({ span }) => span.spanId),
      },
    ]
  },
}
