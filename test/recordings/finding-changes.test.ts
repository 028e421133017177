import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect, it } from "vitest"
import {
  EXCHANGE_ENDED_BY,
  EXIT,
  HTTP_ROUTE,
  LIFETIME_OPEN,
  SERVICE_NAME,
} from "../../otel/attributes.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { diagnoseSource } from "../../src/recordings/diagnosis/diagnose-source.ts"
import {
  compareDiagnoses,
  type FindingChange,
  type FindingChanges,
} from "../../src/recordings/finding-changes.ts"
import { UnreadableSource } from "../../src/recordings/source.ts"
import {
  broken,
  event,
  fixed,
  leaking,
  leftBehind,
  renamed,
  server,
  span,
  streamSpan,
} from "../lifetimes/spans.ts"
import { capture, linesOf, textSource } from "./recording.ts"

const read = (source: Parameters<typeof diagnoseSource<UnreadableSource, never>>[0]) =>
  Effect.runPromise(diagnoseSource(source, { listRoutes: true }))

const recorded = (...traces: ReadonlyArray<ReadonlyArray<Span>>) =>
  read(textSource(linesOf(...traces.map((spans, index) => renamed(spans, index)))))

const captured = (version: string) => read(textSource(readFileSync(capture(version), "utf8")))

const rulesOf = (all: ReadonlyArray<FindingChange>) =>
  all.map(({ found: { finding }, note }) =>
    note === undefined ? finding.rule : `${finding.rule}: ${note}`,
  )

const shortened = (changes: FindingChanges) => ({
  gone: rulesOf(changes.gone),
  new: rulesOf(changes.new),
  stillThere: rulesOf(changes.stillThere),
  notJudged: rulesOf(changes.notJudged),
})

const nothing = { gone: [], new: [], stillThere: [], notJudged: [] }

type Recording = Awaited<ReturnType<typeof recorded>>

const between = async (before: Promise<Recording>, after: Promise<Recording>) =>
  shortened(compareDiagnoses(await before, await after).changes)

/** What Effect's own tracing leaves of an exchange. */
const stock = (more: Partial<Span> = {}): ReadonlyArray<Span> => {
  const { attributes, ...recordedSpan } = server([0, 3])
  const { [EXCHANGE_ENDED_BY]: _, ...plain } = attributes
  return [{ ...recordedSpan, attributes: plain, events: [], ...more }]
}

const failed = (message: string) =>
  stock({
    events: [event("exception", 3, { "exception.type": "Error", "exception.message": message })],
  })

const lost = failed("No context found for instance")

/** The same under the Layer. */
const lostInStream: ReadonlyArray<Span> = [
  server([0, 3], { "exchange.failed": true }),
  streamSpan([1.5, 2], "failure", {
    [EXIT]: "failure",
    "exception.type": "Error",
    "exception.message": "No context found for instance",
    "effect.failure.defect": true,
  }),
]

const inService = (name: string, spans: ReadonlyArray<Span>) =>
  spans.map((one) => ({ ...one, resource: { [SERVICE_NAME]: name } }))

const onRoute = (route: string, spans: ReadonlyArray<Span>) =>
  spans.map((one) =>
    one.kind === "server"
      ? { ...one, attributes: { ...one.attributes, [HTTP_ROUTE]: route } }
      : one,
  )

describe("a finding of BEFORE", () => {
  it("is gone where AFTER could have shown it", async () => {
    expect(await between(recorded(broken), recorded(fixed))).toEqual({
      ...nothing,
      gone: ["scope-closed-early"],
    })
  })

  it("is still there where AFTER has it too, however often", async () => {
    expect(await between(recorded(broken), recorded(fixed, broken, broken))).toEqual({
      ...nothing,
      stillThere: ["scope-closed-early"],
    })
  })

  it("is the same one of a service that has another name now, where there is but one", async () => {
    const after = recorded(inService("other", broken))
    expect(await between(recorded(broken), after)).toMatchObject({
      stillThere: ["scope-closed-early"],
    })
    const two = recorded(inService("other", broken), fixed)
    expect(await between(recorded(broken), two)).toMatchObject({
      new: [expect.stringContaining("BEFORE has no exchange of GET /event of other.")],
      gone: ["scope-closed-early"],
    })
  })

  it("is not judged where AFTER has no server span", async () => {
    expect(await between(recorded(broken), recorded([span("work", [0, 1])]))).toEqual({
      ...nothing,
      notJudged: ["scope-closed-early: AFTER has no server span."],
    })
  })

  it("is not judged where AFTER has no exchange of its route, or none that ended", async () => {
    expect(await between(recorded(broken), recorded(onRoute("/other", fixed)))).toMatchObject({
      notJudged: ["scope-closed-early: AFTER has no exchange of GET /event."],
    })
    expect(await between(recorded(broken), recorded([server([0])]))).toMatchObject({
      notJudged: ["scope-closed-early: No exchange of GET /event had ended in AFTER."],
    })
  })

  it("is not judged where AFTER was recorded without the Layer", async () => {
    expect(await between(recorded(broken), recorded(stock()))).toMatchObject({
      gone: [],
      notJudged: [
        "scope-closed-early: AFTER was recorded without Scopeline's Layer, without which this cannot be seen.",
      ],
    })
  })

  it("is not judged where no exchange of AFTER has what its rule needs", async () => {
    expect(await between(recorded(broken), recorded([server([0, 3])]))).toMatchObject({
      notJudged: [
        "scope-closed-early: AFTER has no exchange of GET /event with a traced stream that had ended.",
      ],
    })
  })

  it("is not judged where a leak may have been released because the program stopped", async () => {
    const stopped = leaking.map((one) =>
      one.name === "bus"
        ? {
            ...one,
            endedAt: one.startedAt + 200_000,
            attributes: {
              ...one.attributes,
              [LIFETIME_OPEN]: false,
            },
          }
        : one,
    )
    expect(await between(recorded(leaking), recorded(stopped))).toMatchObject({
      gone: [],
      notJudged: [expect.stringMatching(/with a traced subscription that was released\.$/)],
    })
  })

  it("that was found without the Layer is gone without it, with a reservation", async () => {
    expect(await between(recorded(lost), recorded(stock()))).toMatchObject({
      gone: [expect.stringMatching(/^context-lost: Both were recorded without Scopeline's Layer/)],
    })
    expect(await between(recorded(lost), recorded(fixed))).toMatchObject({ gone: ["context-lost"] })
  })

  it("that was found with the Layer is not judged without it", async () => {
    expect(await between(recorded(lostInStream), recorded(stock()))).toMatchObject({
      gone: [],
      notJudged: [expect.stringMatching(/^context-lost: AFTER was recorded without/)],
    })
  })

  it("is not gone where AFTER names a deeper cause of the same", async () => {
    expect(await between(recorded(failed("boom")), recorded(lost))).toMatchObject({
      new: ["context-lost"],
      notJudged: ["server-ended-stream: AFTER has context-lost there, which explains it."],
    })
  })

  it("is not judged where AFTER was not read to its end", async () => {
    const source = textSource(linesOf(fixed))
    const broke = Stream.fail(new UnreadableSource({ message: "the disk is gone" }))
    const after = read({ ...source, read: (log) => Stream.concat(source.read(log), broke) })
    expect(await between(recorded(broken), after)).toMatchObject({
      notJudged: ["scope-closed-early: AFTER was not read to its end."],
    })
  })

  it("is not judged where it is about the program, which may not have stopped", async () => {
    expect(await between(recorded(leftBehind), recorded(fixed))).toMatchObject({
      notJudged: [
        "orphan-fiber: It is about the program itself, and AFTER does not tell whether that stopped.",
      ],
    })
  })
})

describe("a finding of AFTER", () => {
  it("is new where BEFORE lacks it", async () => {
    expect(await between(recorded(fixed), recorded(broken))).toEqual({
      ...nothing,
      new: ["scope-closed-early"],
    })
  })

  it("is new, and may be older, where BEFORE could not have shown it", async () => {
    expect(await between(recorded(stock()), recorded(broken))).toMatchObject({
      new: [expect.stringMatching(/^scope-closed-early: BEFORE was .* older than the change\.$/)],
    })
  })
})

describe("the recordings of two releases of OpenCode", () => {
  it("do not show whether the context is still lost", async () => {
    expect(await between(captured("1.14.48"), captured("1.15.3"))).toEqual({
      ...nothing,
      notJudged: ["context-lost: AFTER has no server span."],
    })
  })

  it("show it as new the other way round, where it may be older", async () => {
    expect(await between(captured("1.15.3"), captured("1.14.48"))).toEqual({
      ...nothing,
      new: ["context-lost: BEFORE has no server span. So it may be older than the change."],
    })
  })
})
