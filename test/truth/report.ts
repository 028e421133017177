import type { Campaign, Failure } from "./campaign.ts"
import type { Trial } from "./trial.ts"

/** What a campaign has shown, for a person to read. */
export const reportOf = (campaign: Campaign): string =>
  [
    `${campaign.runs} programs in ${campaign.seconds.toFixed(0)} s`,
    "",
    ...[...campaign.counts]
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([kind, results]) => `${kind}: ${counted(results)}`),
    "",
    ...(campaign.excused.size === 0 ? [] : ["expected today", ...listed(campaign.excused), ""]),
    `not judged, because the process stood still: ${campaign.stalled.length}`,
    ...campaign.stalled.flatMap(trialLines),
    ...campaign.failures.flatMap(failureLines),
  ].join("\n")

const counted = (results: ReadonlyMap<string, number>): string =>
  [...results]
    .toSorted(([, one], [, other]) => other - one)
    .map(([result, count]) => `${count} ${result}`)
    .join(", ")

const listed = (counts: ReadonlyMap<string, number>): ReadonlyArray<string> =>
  [...counts]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([text, count]) => `  ${count} × ${text}`)

const trialLines = ({ plan, result, details }: Trial): ReadonlyArray<string> => [
  "",
  `seed ${plan.seed}, ${plan.bug ?? "healthy"}: ${result}`,
  ...details.map((detail) => `  ${detail}`),
  `  plan    ${JSON.stringify(plan)}`,
]

const failureLines = ({ trial, minimal }: Failure): ReadonlyArray<string> => [
  ...trialLines(trial),
  `  minimal ${JSON.stringify(minimal)}`,
]
