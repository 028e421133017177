import type { JudgedExchange } from "../../../otel/lifetimes/judge-trace.ts"
import type { Exchange } from "../../../otel/lifetimes/model.ts"
import { type Differences, differencesOf } from "../../../otel/timeline/difference.ts"
import type { Panel } from "../../../otel/timeline/layout.ts"
import { exchangePanel } from "../../page/exchange-panel.ts"
import type { SourceDiagnosis } from "../../recordings/diagnosis/diagnose-source.ts"
import { type ComparedRecordings, isOneService } from "../../recordings/finding-changes.ts"

/** More drawings than these hide the findings. */
const mostPairs = 3

/** What is drawn for one route, or for one route of a service if there are several. */
interface Place {
  readonly service: string | undefined
  readonly route: string
}

/**
 * For each route with a finding, the exchange before and after, at most three pairs. Without findings, those of
 * a stream that both recordings have.
 */
export const recordingsPairs = (
  compared: ComparedRecordings,
): ReadonlyArray<ReadonlyArray<Panel>> => {
  const { before, after } = compared
  return placesOf(compared)
    .slice(0, mostPairs)
    .map((place) => [...panelOf("before", before, place), ...panelOf("after", after, place)])
}

/** What differs between the two of each pair. */
export const pairwiseDifferences = (pairs: ReadonlyArray<ReadonlyArray<Panel>>): Differences =>
  new Map(pairs.flatMap((pair) => [...differencesOf(pair)]))

const placesOf = (compared: ComparedRecordings): ReadonlyArray<Place> => {
  const { before, after, changes } = compared
  const anyService = isOneService(before, after)
  const places = new Map<string, Place>()
  const { gone, stillThere, notJudged } = changes
  for (const { found } of [...changes.new, ...gone, ...stillThere, ...notJudged]) {
    const { service, route } = found.finding
    const place = { service: anyService ? undefined : service, route }
    if (route !== "") places.set(JSON.stringify([place.service, route]), place)
  }
  return places.size > 0 ? [...places.values()] : streamOfBoth(compared, anyService)
}

const streamOfBoth = (
  { before, after }: ComparedRecordings,
  anyService: boolean,
): ReadonlyArray<Place> => {
  const known = keptOf(before)
  return keptOf(after)
    .filter(({ exchange }) => exchange.streams.length > 0)
    .map(({ exchange: { service, route } }) => ({
      service: anyService ? undefined : service,
      route,
    }))
    .filter((place) => known.some(({ exchange }) => isAt(place, exchange)))
    .slice(0, 1)
}

const panelOf = (title: string, diagnosis: SourceDiagnosis, place: Place): ReadonlyArray<Panel> => {
  const judged = exampleOf(diagnosis, place)
  if (judged === undefined) return []
  const panel = exchangePanel(judged)
  return [{ ...panel, title, note: `${panel.title} · ${panel.note}` }]
}

/** The exchange that the first finding is about, or else one that is worth drawing. */
const exampleOf = (diagnosis: SourceDiagnosis, place: Place): JudgedExchange | undefined => {
  for (const { example } of diagnosis.findings) {
    if (example !== undefined && isAt(place, example.exchange)) return example
  }
  return keptOf(diagnosis)
    .filter(({ exchange }) => isAt(place, exchange))
    .sort((a, b) => worthOf(b.exchange) - worthOf(a.exchange))[0]
}

const keptOf = ({ kept }: SourceDiagnosis): Array<JudgedExchange> =>
  kept.flatMap(({ exchanges }) => exchanges)

const isAt = ({ service, route }: Place, exchange: Exchange): boolean =>
  exchange.route === route && (service === undefined || exchange.service === service)

/** Prefers one that has ended, and one that streams. */
const worthOf = ({ endedAt, streams }: Exchange): number =>
  (endedAt === undefined ? 0 : 2) + (streams.length > 0 ? 1 : 0)
