import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { Finding } from "../../otel/lifetimes/finding.ts"
import { printable } from "../../otel/timeline/printable.ts"

/** GitHub shows no more of each kind for one step. */
const mostOfAKind = 10

/** What a finding has that stands beside the code. */
type Annotated = Pick<Finding, "rule" | "severity" | "message" | "code" | "count">

/**
 * Under GitHub Actions, findings with a place in the code are also shown there, by lines on stderr that the
 * runner reads. Elsewhere nothing is printed.
 */
export const annotate = Effect.fnUntraced(function* (findings: ReadonlyArray<Annotated>) {
  const isAction = yield* Effect.orElseSucceed(Config.String("GITHUB_ACTIONS"), () => "")
  if (isAction !== "true") return
  const workspace = yield* Effect.orElseSucceed(Config.String("GITHUB_WORKSPACE"), () => "")
  for (const line of annotationLines(findings, workspace)) yield* Console.error(line)
})

export const annotationLines = (
  findings: ReadonlyArray<Annotated>,
  workspace: string,
): ReadonlyArray<string> =>
  (["error", "warning"] as const).flatMap((severity) =>
    findings
      .filter((finding) => finding.severity === severity)
      .flatMap((finding) => annotationOf(finding, workspace) ?? [])
      .slice(0, mostOfAKind),
  )

const annotationOf = (
  { rule, severity, message, code, count }: Annotated,
  workspace: string,
): string | undefined => {
  if (code?.file === undefined) return undefined
  const properties = {
    file: pathIn(code.file, workspace),
    ...(code.line === undefined ? {} : { line: String(code.line) }),
    title: `${rule} in ${code.function}`,
  }
  const shown = Object.entries(properties).map(([key, value]) => `${key}=${propertyText(value)}`)
  const times = count > 1 ? ` (found ${count} times)` : ""
  return `::${severity} ${shown.join(",")}::${dataText(message + times)}`
}

/** Relative to the root of the repository, if the file is in it. */
const pathIn = (file: string, workspace: string): string => {
  const path = file.replace(/^file:\/\//, "")
  const root = workspace === "" ? "" : `${workspace.replace(/[/\\]$/, "")}/`
  return root !== "" && path.startsWith(root) ? path.slice(root.length) : path
}

/** Names come from outside: none may end the line, or be a command to the runner. */
const dataText = (text: string): string =>
  printable(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")

const propertyText = (text: string): string =>
  dataText(text).replaceAll(":", "%3A").replaceAll(",", "%2C")
