import type { Finding } from "../../otel/lifetimes/finding.ts"
import { type JudgedRoute, mostRoutes } from "../../otel/lifetimes/judged-routes.ts"
import { rules, silences } from "../../otel/lifetimes/registry.ts"
import type { FindingWithExample } from "../../otel/lifetimes/sightings.ts"
import { isStock } from "../../otel/lifetimes/stock-exchanges.ts"
import { mostKinds } from "../../otel/lifetimes/tally.ts"
import type { SourceDiagnosis } from "./diagnosis/diagnose-source.ts"

/** A finding of one recording or of both, and what else there is to know about it. */
export interface FindingChange {
  /** The finding as in AFTER, if AFTER has it. */
  readonly found: FindingWithExample
  readonly note: string | undefined
}

/** What became of the findings of a recording in another one, which was made after a change. */
export interface FindingChanges {
  /** AFTER could have shown them, and does not. */
  readonly gone: ReadonlyArray<FindingChange>
  /** BEFORE lacks them. A note says if BEFORE could not have shown them. */
  readonly new: ReadonlyArray<FindingChange>
  readonly stillThere: ReadonlyArray<FindingChange>
  /** AFTER lacks them and could not have shown them; the note says why. */
  readonly notJudged: ReadonlyArray<FindingChange>
}

/** Two recordings of a program, before and after a change. */
export interface ComparedRecordings {
  readonly before: SourceDiagnosis
  readonly after: SourceDiagnosis
  readonly changes: FindingChanges
}

/** Both diagnoses list what was judged of each route. */
export const compareDiagnoses = (
  before: SourceDiagnosis,
  after: SourceDiagnosis,
): ComparedRecordings => ({ before, after, changes: changesOf(before, after) })

const changesOf = (before: SourceDiagnosis, after: SourceDiagnosis): FindingChanges => {
  const keyOf = sameness(before, after)
  const known = new Set(before.findings.map(keyOf))
  const remaining = new Set(after.findings.map(keyOf))
  const changes: { readonly [K in keyof FindingChanges]: Array<FindingChange> } = {
    gone: [],
    new: [],
    stillThere: [],
    notJudged: [],
  }
  const [earlier, later] = [sideOf("BEFORE", before, after), sideOf("AFTER", after, before)]
  for (const found of after.findings) {
    if (known.has(keyOf(found))) changes.stillThere.push({ found, note: undefined })
    else {
      const why = whyUnanswered(earlier, found)
      const note = why === undefined ? undefined : `${why} So it may be older than the change.`
      changes.new.push({ found, note })
    }
  }
  for (const found of before.findings) {
    if (remaining.has(keyOf(found))) continue
    const why = whyUnanswered(later, found)
    if (why !== undefined) changes.notJudged.push({ found, note: why })
    else changes.gone.push({ found, note: reservation(later, found) })
  }
  return changes
}

/** What makes two findings the same. A service may have another name after the change. */
const sameness = (before: SourceDiagnosis, after: SourceDiagnosis) => {
  const anyService = isOneService(before, after)
  return ({ finding: { rule, service, route, operation } }: FindingWithExample): string =>
    JSON.stringify([rule, anyService ? "" : service, route, operation])
}

/** Whether no recording has exchanges, or findings, of a second service. */
export const isOneService = (...diagnoses: ReadonlyArray<SourceDiagnosis>): boolean =>
  diagnoses.every(
    ({ routes, findings }) =>
      new Set([
        ...routes.map(({ service }) => service),
        ...findings.map(({ finding }) => finding.service),
      ]).size <= 1,
  )

/** The recording that lacks a finding. */
interface Side {
  readonly name: "BEFORE" | "AFTER"
  readonly diagnosis: SourceDiagnosis
  readonly anyService: boolean
}

const sideOf = (name: Side["name"], diagnosis: SourceDiagnosis, other: SourceDiagnosis): Side => ({
  name,
  diagnosis,
  anyService: isOneService(diagnosis, other),
})

/** Why a recording that lacks a finding could not have shown it; nothing if it could. */
const whyUnanswered = (side: Side, found: FindingWithExample): string | undefined => {
  const { name, diagnosis } = side
  const { rule, route } = found.finding
  if (diagnosis.isPartial) return `${name} was not read to its end.`
  if (diagnosis.findings.length >= mostKinds) {
    return `${name} has more kinds of findings than are listed.`
  }
  if (route === "") {
    return `It is about the program itself, and ${name} does not tell whether that stopped.`
  }
  const routes = routesOf(side, found.finding)
  const answered = routes.some((it) => it.answered.has(rule)) || answeredByStock(side, found)
  if (!answered) return whatIsMissing(side, routes, found.finding)
  const cause = causeIn(side, found.finding)
  return cause === undefined ? undefined : `${name} has ${cause} there, which explains it.`
}

const routesOf = (
  { diagnosis, anyService }: Side,
  { service, route }: Finding,
): ReadonlyArray<JudgedRoute> =>
  diagnosis.routes.filter((it) => it.route === route && (anyService || it.service === service))

/** A finding that was made without the Layer can also be missed without it. */
const answeredByStock = (side: Side, { finding, example }: FindingWithExample): boolean =>
  example !== undefined &&
  isStock(example.exchange) &&
  routesOf(side, finding).some((it) => it.answeredByStock.has(finding.rule))

const whatIsMissing = (
  { name, diagnosis, anyService }: Side,
  routes: ReadonlyArray<JudgedRoute>,
  { rule, service, route }: Finding,
): string => {
  if (diagnosis.routes.length === 0) return `${name} has no server span.`
  if (routes.length === 0) {
    if (diagnosis.routes.length >= mostRoutes) return `${name} has more routes than are listed.`
    return `${name} has no exchange of ${route}${anyService ? "" : ` of ${service}`}.`
  }
  const ended = routes.reduce((sum, it) => sum + it.ended, 0)
  if (ended === 0) return `No exchange of ${route} had ended in ${name}.`
  if (ended === routes.reduce((sum, it) => sum + it.stock, 0)) {
    return `${name} was recorded without Scopeline's Layer, without which this cannot be seen.`
  }
  const needed = rules.find((it) => it.name === rule)?.shownBy.what
  return needed === undefined
    ? `${rule} is a rule that this release does not know.`
    : `${name} has no exchange of ${route} with ${needed}.`
}

/** A deeper rule that speaks instead. */
const causeIn = ({ diagnosis, anyService }: Side, finding: Finding): string | undefined => {
  const because = silences
    .filter(({ silent }) => silent === finding.rule)
    .flatMap((silence) => silence.because)
  return [...diagnosis.findings, ...diagnosis.known.map(({ found }) => found)]
    .map((it) => it.finding)
    .filter((it) => it.route === finding.route && (anyService || it.service === finding.service))
    .find(({ rule }) => because.some((it) => it === rule))?.rule
}

/** Releases of Effect differ in what they say about a body that failed. */
const reservation = (side: Side, found: FindingWithExample): string | undefined =>
  routesOf(side, found.finding).some((it) => it.answered.has(found.finding.rule))
    ? undefined
    : `Both were recorded without Scopeline's Layer: this holds if ${side.name} ran on a release ` +
      "of Effect that records a body's failure as the other did."
