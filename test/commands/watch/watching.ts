import { Effect } from "effect"
import type { ExchangeRow, FindingKind, Snapshot } from "../../../src/page/snapshot.ts"
import { scopeline } from "../../support/command.ts"
import { eventually } from "../../support/eventually.ts"
import { servedProcess } from "../../support/process.ts"
import type { Running, Variables } from "../../support/running.ts"

/** `scopeline watch` in this process, with its page and its receiver. */
export const watching = Effect.fnUntraced(function* (
  words: ReadonlyArray<string>,
  variables: Variables = {},
) {
  const command = yield* scopeline(["watch", "--port", "0", ...words], { variables })
  return yield* watched(command)
})

/** The same where it runs already. */
export const watched = Effect.fnUntraced(function* <R extends Running>(command: R) {
  const page = yield* command.written(/ page (http:\S+)/)
  const otlp = yield* command.written(/ OTLP (http:\S+)/)
  const get = (path: string) =>
    Effect.promise(async (signal) => {
      const response = await fetch(page + path, { signal })
      return { status: response.status, text: await response.text() }
    })
  const snapshot: Effect.Effect<Snapshot> = Effect.map(get("/data"), ({ text }) => JSON.parse(text))
  return {
    ...command,
    page,
    otlp,
    get,
    snapshot,
    /** Waits until the page shows such a row. */
    row: (condition: (row: ExchangeRow) => boolean) =>
      eventually(
        Effect.map(snapshot, ({ rows }) => rows),
        (rows) => rows.some(condition),
        "60 seconds",
      ),
    /** Waits until the page shows such a finding. */
    finding: (condition: (kind: FindingKind) => boolean) =>
      Effect.map(
        eventually(
          Effect.map(snapshot, ({ findings }) => findings),
          (findings) => findings.some(condition),
          "60 seconds",
        ),
        (findings) => findings.find(condition),
      ),
  }
})

/** An event server in a process of its own that is watched there. */
export const watchedServer = (otlp: string, words: ReadonlyArray<string> = []) =>
  servedProcess(words, {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
    OTEL_BSP_SCHEDULE_DELAY: "100",
    SCOPELINE_WATCH: "1",
  })
