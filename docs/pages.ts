/** Which pages are generated, from what, and where they belong. */
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { rules } from "../otel/lifetimes/registry.ts"
import type { Rule } from "../otel/lifetimes/rule.ts"
import { decodeJson } from "../src/otlp/export-request.ts"
import { nameOf, scenarios } from "../src/scenarios/catalogue.ts"
import { commandHelp, commandReference } from "./command-reference.ts"
import { jaegerUi } from "./jaeger-ui.ts"
import { rootHelpModule } from "./root-help.ts"
import { recordingOf, ruleIndex, rulePage, ruleTable } from "./rule-page.ts"
import { spanReference } from "./span-reference.ts"

interface Page {
  readonly file: string
  readonly text: string
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Where the recording of a rule's bug is. */
export const recordingFile = (rule: Rule): string => at(`rules/${recordingOf(rule)}`)

/** Every page as it would be generated now. */
export const pages = Effect.gen(function* () {
  const ofRules = yield* Effect.forEach(scenarios, (scenario) =>
    Effect.map(
      readRecording(recordingFile(scenario.rule)),
      (spans): Page => ({
        file: at(`rules/${nameOf(scenario)}.md`),
        text: rulePage(scenario, spans),
      }),
    ),
  )
  const index: Page = { file: at("rules/README.md"), text: ruleIndex(rules) }
  const rootHelp: Page = {
    file: at("../bin/root-help.js"),
    text: yield* Effect.promise(rootHelpModule),
  }
  const spans: Page = { file: at("spans.md"), text: spanReference() }
  const ui: Page = { file: at("../otel/config/jaeger-ui.json"), text: jaegerUi(rules) }
  const library = yield* pageWith("library.md", "rules", ruleTable(rules, "rules/"))
  const commandLine = yield* pageWith("cli.md", "commands", commandReference(yield* commandHelp))
  return [...ofRules, index, library, commandLine, spans, rootHelp, ui]
})

/** The spans of a recording, which has one export request on each line. */
const readRecording = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const lines = (yield* files.readFileString(file)).trimEnd().split("\n")
  const requests = yield* Effect.forEach(lines, decodeJson)
  return requests.flatMap(({ spans }) => spans)
})

/** The page with the part between its marks generated anew. */
const pageWith = Effect.fnUntraced(function* (path: string, part: string, text: string) {
  const files = yield* FileSystem.FileSystem
  const file = at(path)
  const page: Page = { file, text: withPart(yield* files.readFileString(file), part, text) }
  return page
})

const withPart = (page: string, part: string, text: string): string => {
  const [begin, end] = [`<!-- ${part}: npm run docs -->\n`, `\n<!-- end of ${part} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < 0) throw new Error(`The page has no marks for its ${part}.`)
  return `${page.slice(0, from)}${begin}\n${text}\n${page.slice(to)}`
}

export const writePages = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  for (const { file, text } of yield* pages) yield* files.writeFileString(file, text)
})
