import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { ExchangeRow, Snapshot } from "../../page/snapshot.ts"
import type { News } from "../../watch/news.ts"
import { printJsonLine } from "../terminal/json-text.ts"
import {
  endText,
  newsText,
  type ProgramEnd,
  startText,
  type TextOptions,
  type WatchedPlaces,
  waitingText,
} from "./news-text.ts"

/** What `watch` says at the terminal. */
interface WatchOutput {
  readonly started: (places: WatchedPlaces) => Effect.Effect<void>
  readonly news: (news: ReadonlyArray<News>) => Effect.Effect<void>
  /** The program was asked to stop and has not; these exchanges are open. */
  readonly waiting: (places: WatchedPlaces, open: ReadonlyArray<ExchangeRow>) => Effect.Effect<void>
  readonly ended: (
    snapshot: Snapshot,
    forMillis: number,
    exit: ProgramEnd | undefined,
  ) => Effect.Effect<void>
}

/** For people, on standard error. */
export const textOutput = (options: TextOptions): WatchOutput => ({
  started: (places) => Console.error(startText(places)),
  news: (news) =>
    Effect.forEach(news, (one) => Console.error(newsText(one, options)), { discard: true }),
  waiting: ({ title, pid }, open) => Console.error(waitingText(title, pid, open)),
  ended: (...end) => Console.error(endText(...end).join("\n")),
})

/** For programs, a document a line on standard output. Times are ISO texts. */
export const jsonOutput: WatchOutput = {
  started: ({ page, otlp, pid }) => printJsonLine({ news: "start", page, otlp, pid }),
  news: (news) =>
    Effect.forEach(
      news,
      ({ at, ...one }) => printJsonLine({ at: new Date(at / 1000).toISOString(), ...one }),
      { discard: true },
    ),
  waiting: ({ pid }, { length }) => printJsonLine({ news: "waiting", pid, open: length }),
  ended: ({ counts }, _, exit) => printJsonLine({ news: "end", code: exit?.code ?? 0, counts }),
}
