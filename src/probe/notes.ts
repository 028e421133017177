import { withoutSecrets } from "../../otel/export/address.ts"
import { printable } from "../../otel/timeline/printable.ts"
import { isPlain } from "./content-encoding.ts"
import { type ClientView, isEventStream } from "./event-stream.ts"
import { countOf } from "./held-back.ts"
import type { Visit } from "./visit.ts"

/** Whether every connection was answered with an event stream that could be read to its end. */
export const allStreamed = ({ connections }: Visit): boolean =>
  connections.every(({ seen }) => wasReset(seen) || (isEventStream(seen) && !isGivenUp(seen)))

/** What a reader of the numbers has to know, in sentences. */
export const notesOnVisit = (visited: Visit): ReadonlyArray<string> => {
  const seen = visited.connections.map((connection) => connection.seen)
  return [
    ...visited.notes,
    ...count(seen, isSilent, "had no answer before they left"),
    ...count(seen, isTooLong, "were given up: an event is too long to be read"),
    ...byText(seen, whyUndecodable, "were given up:"),
    ...byText(seen, otherAnswer, "got"),
    ...byText(seen, redirectedTo, "were redirected to"),
    ...delayed(visited),
  ]
}

const redirectedTo = ({ redirects }: ClientView): string | undefined => {
  const last = redirects.at(-1)
  return last === undefined ? undefined : printable(withoutSecrets(last), 200)
}

const whyUndecodable = ({ failure }: ClientView): string | undefined =>
  failure?.kind === "undecodable" ? printable(failure.reason, 200) : undefined

/** Compression holds some events back. If it holds back all, that is a finding. */
const delayed = ({ connections, uncompressed }: Visit): ReadonlyArray<string> => {
  if (uncompressed === undefined) return []
  const plain = countOf(uncompressed.seen)
  const compressed = connections.filter(
    ({ seen }) => seen.endedBy === "client" && !isPlain(seen.contentEncoding),
  )
  const least = Math.min(plain, ...compressed.map(({ seen }) => countOf(seen)))
  return least === 0 || least >= plain - 1
    ? []
    : [
        `Compression delays events: ${least} came with it, and ${plain} without it, in the same time.`,
      ]
}

const isSilent = ({ status, endedBy }: ClientView): boolean =>
  status === undefined && endedBy === "client"

const isGivenUp = (seen: ClientView): boolean =>
  isTooLong(seen) || whyUndecodable(seen) !== undefined

const isTooLong = ({ failure }: ClientView): boolean => failure?.kind === "too-long"

const wasReset = ({ status, failure }: ClientView): boolean =>
  status === undefined && failure?.kind === "reset"

const count = (
  seen: ReadonlyArray<ClientView>,
  condition: (seen: ClientView) => boolean,
  what: string,
): ReadonlyArray<string> => {
  const found = seen.filter(condition).length
  return found === 0 ? [] : [`${found} of ${seen.length} connections ${what}.`]
}

/** Servers choose what they answer. */
const mostTexts = 5

/** How many connections each text applies to. */
const byText = (
  seen: ReadonlyArray<ClientView>,
  textOf: (seen: ClientView) => string | undefined,
  verb: string,
): ReadonlyArray<string> => {
  const texts = new Set(seen.flatMap((it) => textOf(it) ?? []))
  return [...texts]
    .slice(0, mostTexts)
    .flatMap((text) => count(seen, (it) => textOf(it) === text, `${verb} ${text}`))
}

const otherAnswer = (seen: ClientView): string | undefined => {
  const { status, contentType } = seen
  if (status === undefined || isEventStream(seen)) return undefined
  const type =
    contentType === undefined ? "no content type" : `content type ${printable(contentType, 100)}`
  return `no event stream but status ${status} with ${type}`
}
