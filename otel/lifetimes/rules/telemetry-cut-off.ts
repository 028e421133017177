import type { Rule } from "../rule.ts"
import { formatMillis, millisBetween } from "../time.ts"

export const telemetryCutOff: Rule = {
  name: "telemetry-cut-off",
  severity: "warning",
  summary: "Spans ended after the exporter had been flushed and shut down.",
  meaning: `A span ended when the exporter had already sent its last batch: it is lost, and a trace
without it looks as if what it tells of had never happened. This is known only inside of the program,
where the span processor counts such spans and says it once on stderr; a trace that lacks a parent alone
proves nothing, and no recording is ever judged by this rule.`,
  suggestion: `Close the exporter last. The Layer of the telemetry goes around the whole program, and a
scope that owns an exporter outlives the body of the response:

  Layer.launch(server.pipe(Layer.provide(layerTelemetry(settings))))    // outermost
  yield* Effect.addFinalizer(() => Scope.close(event, Exit.void))       // in the request's scope`,
  incidents: [
    {
      title: "alchemy-run/alchemy #1639",
      url: "https://github.com/alchemy-run/alchemy/pull/1639",
      story:
        "The scope of an event owned the exporter and closed as soon as the handler had returned: what " +
        "the body of the response did afterwards was never exported.",
    },
  ],
  judge: () => [],
  judgeProgram: ({ cutOff }) => {
    const [first] = cutOff?.spans ?? []
    if (cutOff === undefined || first === undefined) return []
    const spans = cutOff.count === 1 ? "1 span" : `${cutOff.count} spans`
    const late = formatMillis(millisBetween(cutOff.closedAt, first.endedAt ?? cutOff.closedAt))
    return [
      {
        confidence: "certain",
        operation: first.name,
        message:
          `${spans} ended after the exporter had been flushed and shut down, the first, ` +
          `"${first.name}", ${late} later: nobody will ever see them.`,
        evidence: {
          "spans.lost": cutOff.count,
          "span.name": first.name,
          "span.started_ms": millisBetween(cutOff.closedAt, first.startedAt),
          "span.ended_ms": millisBetween(cutOff.closedAt, first.endedAt ?? cutOff.closedAt),
        },
        consumer: undefined,
        spanIds: cutOff.spans.map(({ span }) => span.spanId),
      },
    ]
  },
}
