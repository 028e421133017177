import { printable } from "../../otel/timeline/printable.ts"
import { type ClientView, isEventStream } from "./event-stream.ts"
import type { Visit } from "./visit.ts"

/** Whether every connection was answered with an event stream that could be read to its end. */
export const allStreamed = ({ connections }: Visit): boolean =>
  connections.every(({ seen }) => wasReset(seen) || (isEventStream(seen) && !isTooLong(seen)))

/** What a reader of the numbers has to know about them, in sentences. */
export const notesOnVisit = (visited: Visit): ReadonlyArray<string> => {
  const seen = visited.connections.map((connection) => connection.seen)
  return [
    ...visited.notes,
    ...count(seen, isSilent, "had no answer before they left"),
    ...count(seen, isTooLong, "were given up: an event is too long to be read"),
    ...notesOnOthers(seen),
  ]
}

const isSilent = ({ status, endedBy }: ClientView): boolean =>
  status === undefined && endedBy === "client"

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
const mostAnswers = 5

const notesOnOthers = (seen: ReadonlyArray<ClientView>): ReadonlyArray<string> => {
  const answers = new Set(seen.filter(isOther).map(answerOf))
  return [...answers]
    .slice(0, mostAnswers)
    .flatMap((answer) =>
      count(seen, (it) => isOther(it) && answerOf(it) === answer, `got ${answer}`),
    )
}

const isOther = (seen: ClientView): boolean => seen.status !== undefined && !isEventStream(seen)

const answerOf = ({ status, contentType }: ClientView): string => {
  const type =
    contentType === undefined ? "no content type" : `content type ${printable(contentType, 100)}`
  return `no event stream but status ${status} with ${type}`
}
