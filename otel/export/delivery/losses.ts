/**
 * Why spans never arrived: more waited than allowed, the collector refused the request or rejected some of its
 * spans, it did not answer, or the program ended first.
 */
export const causes = ["bytes", "spans", "refused", "rejected", "unanswered", "late"] as const

export type LossCause = (typeof causes)[number]

/** Spans that were lost for one cause. */
export interface Loss {
  readonly spans: number
  /** Those of them that were sent: we do not know whether they arrived. */
  readonly sent: number
  /** What the collector said, or what its address did, when the last of them were lost; may be empty. */
  readonly reason: string
}

/** The state of the delivery, as plain data. */
export interface Standing {
  /** Spans that the collector has taken. */
  readonly taken: number
  /** Spans that were sent, and may have arrived. */
  readonly sent: number
  readonly lost: Readonly<Record<LossCause, Loss>>
  /** Why the collector takes none at the moment. */
  readonly trouble: string | undefined
}

const none: Loss = { spans: 0, sent: 0, reason: "" }

export const nothingSent: Standing = {
  taken: 0,
  sent: 0,
  lost: { bytes: none, spans: none, refused: none, rejected: none, unanswered: none, late: none },
  trouble: undefined,
}

/** The state after the loss of so many more, some of which were sent. */
export const withLoss = (
  standing: Standing,
  cause: LossCause,
  spans: number,
  reason = standing.trouble ?? "",
  sent = 0,
): Standing =>
  spans <= 0
    ? standing
    : {
        ...standing,
        lost: {
          ...standing.lost,
          [cause]: {
            spans: standing.lost[cause].spans + spans,
            sent: standing.lost[cause].sent + sent,
            reason,
          },
        },
      }

export const allLost = ({ lost }: Standing): number =>
  Object.values(lost).reduce((sum, { spans }) => sum + spans, 0)

/**
 * The state at the end of the program. The fate of so many spans is unknown, and nobody waits for them any
 * more.
 */
export const atTheEnd = (standing: Standing, left: number): Standing => {
  const { trouble } = standing
  const cause = trouble === undefined ? "late" : "unanswered"
  return withLoss(standing, cause, left, trouble, Math.min(standing.sent, left))
}
