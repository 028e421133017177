import type { Step } from "../page/snapshot.ts"

export interface Progress {
  /** How long the program has been watched, in milliseconds. */
  readonly forMillis: number
  readonly otlp: string
  readonly pid: number | undefined
  /** Whether every process that was heard of is gone. */
  readonly isGone: boolean
  readonly hasSpans: boolean
  readonly hasExchange: boolean
  readonly hasLayer: boolean
  /** Whether the program was started by the command. */
  readonly isOwn: boolean
}

/** If no step is done for this long, `watch` says what may be missing. */
const hintAfter = 20_000

/** What has to happen until the first exchange is shown. The first missing step says what may be wrong. */
export const checklistOf = (progress: Progress): ReadonlyArray<Step> => {
  const { otlp, pid, isGone, hasSpans, hasExchange, hasLayer, isOwn } = progress
  const steps = [
    { text: `Listening for spans at ${otlp}`, done: true, hint: "" },
    ...(isOwn
      ? [
          {
            text: pid === undefined ? "The program runs" : `The program runs (pid ${pid})`,
            done: !isGone && (pid !== undefined || hasSpans),
            hint: isGone
              ? "It has ended: what it printed says why."
              : "Its start failed: what it printed says why.",
          },
        ]
      : []),
    {
      text: "Spans have come",
      done: hasSpans,
      hint:
        `Does the program send to ${otlp}, over OTLP/HTTP and not gRPC? ` +
        "Does it use Effect, or another exporter of OpenTelemetry?",
    },
    {
      text: "A request was served",
      done: hasExchange,
      hint:
        "Send the program a request. No server span has come, which has http.route or url.path. Requests that " +
        "another server answers (Express, Hono, node:http) are not seen: it must be Effect's own.",
    },
    {
      text: "Scopes and streams are seen",
      done: hasLayer,
      hint:
        "Only the server's spans come: start the program with --import scopeline/register, or put the Layer " +
        "around all of it, and no other tracer inside.",
    },
  ]
  const missing = steps.findIndex(({ done }) => !done)
  return steps.map(({ text, done, hint }, index) => ({
    text,
    done,
    ...(index === missing && ((isOwn && isGone) || progress.forMillis >= hintAfter)
      ? { hint }
      : {}),
  }))
}
