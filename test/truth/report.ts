import type { Campaign, Failure } from "./campaign.ts"

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
    `not judged, because the process stood still: ${campaign.stalled}`,
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

const failureLines = ({ trial, minimal }: Failure): ReadonlyArray<string> => [
  "",
  `seed ${trial.plan.seed}, ${trial.plan.bug ?? "healthy"}: ${trial.result}`,
  ...trial.details.map((detail) => `  ${detail}`),
  `  plan    ${JSON.stringify(trial.plan)}`,
  `  minimal ${JSON.stringify(minimal)}`,
]
