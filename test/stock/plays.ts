import { type HealthyName, healthyNames, healthyPrograms, isHealthyName } from "./healthy.ts"
import type { Program } from "./pair.ts"
import { isPairName, type PairName, pairNames, pairOf } from "./pairs.ts"

/** One program of a pair, or one that has no other. */
export type Play =
  | { readonly name: PairName; readonly variant: "broken" | "fixed" }
  | { readonly name: HealthyName; readonly variant: "healthy" }

/** What became of it. */
export type Played = Play & {
  /** Whether it did what it is there for. */
  readonly right: boolean
  readonly failure?: string
}

/** Every program there is. */
export const allPlays: ReadonlyArray<Play> = [
  ...pairNames.flatMap(
    (name): ReadonlyArray<Play> => [
      { name, variant: "broken" },
      { name, variant: "fixed" },
    ],
  ),
  ...healthyNames.map((name): Play => ({ name, variant: "healthy" })),
]

export const programOf = (play: Play): Program =>
  play.variant === "healthy" ? healthyPrograms[play.name] : pairOf(play.name)[play.variant]

const onSockets: ReadonlyArray<Play["name"]> = [
  "a-websocket",
  "a-socket-that-sends-again",
  "rpc-over-websocket",
  "scope-of-a-socket",
  "sender-of-a-socket",
  "losing-events-of-a-socket",
  "a-signal-of-a-socket",
  "a-signal-of-a-sender",
  "a-signal-of-a-channel",
  "a-signal-before-an-answer",
  "a-signal-of-two",
  "a-signal-of-a-call",
]

/** Their repair needs the response of Node.js. */
const resetting: ReadonlyArray<Play["name"]> = [
  "stalled-bounded",
  "stalled-dropping",
  "stalled-sliding",
]

/** What a web handler cannot have. */
export const needsNode = ({ name }: Pick<Play, "name">): boolean =>
  onSockets.includes(name) || resetting.includes(name)

/** Whether its bug is none of a server of Node.js. */
export const isOnlyOnWeb = ({ name }: Pick<Play, "name">): boolean =>
  isPairName(name) && pairOf(name).only === "web"

/** Whether it needs a process for itself. */
export const isAlone = (play: Play): boolean =>
  play.variant !== "healthy" && pairOf(play.name).alone === true

/** How a play is called on the command line, and by a service. */
export const wordOf = ({ name, variant }: Play): string => `${name}:${variant}`

export const playIn = (word: string): Play => {
  const [name = "", variant] = word.split(":")
  if (variant === "healthy" && isHealthyName(name)) return { name, variant }
  if ((variant === "broken" || variant === "fixed") && isPairName(name)) return { name, variant }
  throw new Error(`no such program: ${word}`)
}
