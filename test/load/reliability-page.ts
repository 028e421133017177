import { machine } from "../../bench/machine.ts"
import "./figure.ts"

/** One test, as the page tells it. */
export interface Row {
  readonly name: string
  readonly figure: string
  readonly state: "passed" | "failed" | "skipped"
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")

const lineOf = ({ name, figure, state }: Row): string =>
  `| ${cell(name)} | ${cell(figure)} | ${state === "passed" ? "pass" : state === "failed" ? "**fail**" : "skipped"} |`

/** The page `docs/reliability.md`. */
export const reliabilityPage = (
  rows: ReadonlyArray<Row>,
  millis: number,
  day: Date,
): string => `# Reliability

What the load and fault suite has measured. \`npm run test:load\` writes this page: do not edit it.

- Command: \`npm run test:load\`
- Date: ${day.toISOString().slice(0, 10)}
- Machine: ${machine}
- Time: ${(millis / 60_000).toFixed(1)} minutes
- Passed: ${rows.filter(({ state }) => state === "passed").length} of ${rows.length}

Each client, reader and collector is real, and connects over 127.0.0.1. *Held* counts the exchanges, subscriptions,
streams and fibers that a server still has open, and the scopes that are not the application's.

| what happens | what was measured | result |
| --- | --- | --- |
${rows.map(lineOf).join("\n")}
`
