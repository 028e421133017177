import { counted } from "../../lifetimes/counted.ts"
import type { Loss, LossCause, Standing } from "./losses.ts"

/** The words that sentences about losses need. */
export interface DeliveryTerms {
  /** The address of the collector, for people. */
  readonly shown: string
  /** How much may wait. */
  readonly queueBytes: number
  readonly queueSpans: number
  /** How long the last spans may take. */
  readonly drainMillis: number
}

const mebibyte = 2 ** 20

/** The collector gets no spans; none is lost yet. */
export const takesNone = ({ shown }: DeliveryTerms, reason: string): string =>
  `The collector at ${shown} takes no spans (${reason}); the program goes on.`

/** How many were lost for one cause, why, and which setting helps. */
export const lossText = (
  cause: LossCause,
  { spans, sent, reason }: Loss,
  { trouble }: Standing,
  terms: DeliveryTerms,
  soFar = "",
): string => {
  const { why, advice } = explanations[cause]({ ...terms, reason, trouble })
  return `${spansWere(spans)} lost${soFar}: ${why}${butSent(sent, spans)}. ${advice}`
}

/** If a request is still on its way when the program ends, nobody knows how many of its spans were sent. */
const butSent = (sent: number, spans: number): string => {
  if (sent === 0) return ""
  const these = sent < spans ? `${sent} of them` : spans === 1 ? "it" : "all"
  return `; ${these} may have arrived`
}

interface Context extends DeliveryTerms {
  readonly reason: string
  readonly trouble: string | undefined
}

interface Explanation {
  readonly why: string
  readonly advice: string
}

const explanations: Readonly<Record<LossCause, (context: Context) => Explanation>> = {
  bytes: (context) =>
    full(context, `${sizeOf(context.queueBytes)} of spans`, "SCOPELINE_QUEUE_BYTES"),
  spans: (context) => full(context, `${context.queueSpans} spans`, "OTEL_BSP_MAX_QUEUE_SIZE"),
  refused: ({ shown, reason }) => ({
    why: `the collector at ${shown} refused them (${reason})`,
    advice: adviceOnRefusal(reason),
  }),
  rejected: ({ shown, reason }) => ({
    why: `the collector at ${shown} rejected them, and took the others${inBrackets(reason)}`,
    advice: "Its log may say more.",
  }),
  unanswered: ({ shown, reason }) =>
    isStatus(reason)
      ? {
          why: `the collector at ${shown} took none to the end (${reason})`,
          advice: adviceOnRefusal(reason),
        }
      : {
          why: `the collector at ${shown} did not answer${inBrackets(reason)}`,
          advice: `Is it there? ${address} says where it is, and OTEL_EXPORTER_OTLP_TIMEOUT how long it may take.`,
        },
  late: ({ drainMillis }) => ({
    why: `the program ended, and waited ${drainMillis / 1000} s for the last spans to be taken`,
    advice: "Raise OTEL_BSP_EXPORT_TIMEOUT (drainTimeout).",
  }),
}

const address = "OTEL_EXPORTER_OTLP_ENDPOINT"

/** A queue is full because more comes than leaves: the collector is to blame only if it takes nothing. */
const full = ({ shown, trouble }: Context, most: string, setting: string): Explanation =>
  trouble === undefined
    ? {
        why: `more than ${most} waited to be sent`,
        advice: `Raise ${setting}, or send less with OTEL_TRACES_SAMPLER=scopeline_keep.`,
      }
    : {
        why: `more than ${most} waited, and the collector at ${shown} takes none (${trouble})`,
        advice: `${isStatus(trouble) ? adviceOnRefusal(trouble) : `Is it there? ${address} says where it is.`} ${setting} says how much may wait.`,
      }

/** It answered with a status that asks to wait: it is there. */
const isStatus = (reason: string): boolean => /^[45]\d\d\b/.test(reason)

const adviceOnRefusal = (reason: string): string => {
  switch (reason.slice(0, 3)) {
    case "401":
    case "403":
      return "OTEL_EXPORTER_OTLP_HEADERS says who sends them."
    case "404":
    case "405":
      return `${address} says where they go.`
    case "413":
      return "Lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE."
    case "415":
      return "OTEL_EXPORTER_OTLP_PROTOCOL says how they are written: http/json or http/protobuf."
    default:
      return "Its log may say more."
  }
}

const inBrackets = (reason: string): string => (reason === "" ? "" : ` (${reason})`)

const sizeOf = (bytes: number): string =>
  bytes % mebibyte === 0 ? `${bytes / mebibyte} MiB` : `${bytes} bytes`

/** There was no room for them before we knew whether they are to be sent. */
export const droppedText = (spans: number): string =>
  `${spansWere(spans)} dropped: too many exchanges were open at once to keep them.`

const spansWere = (count: number): string => counted(count, "span was", "spans were")
