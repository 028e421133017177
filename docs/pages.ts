/** Which pages are generated, from what, and where they belong. */
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { rules } from "../otel/lifetimes/registry.ts"
import type { Rule } from "../otel/lifetimes/rule.ts"
import { decodeJson } from "../src/otlp/export-request.ts"
import { nameOf, scenarios } from "../src/scenarios/catalogue.ts"
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
  return [...ofRules, index, yield* libraryPage, spans, rootHelp, ui]
})

/** The spans of a recording, which has an export request a line. */
const readRecording = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const lines = (yield* files.readFileString(file)).trimEnd().split("\n")
  const requests = yield* Effect.forEach(lines, decodeJson)
  return requests.flatMap(({ spans }) => spans)
})

const marked = /(<!-- rules: npm run docs -->\n).*?(\n<!-- end of rules -->)/s

/** The library's own page, with the table of rules in it as it would be now. */
const libraryPage = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const file = at("../otel/README.md")
  const table = ruleTable(rules, "../docs/rules/")
  const text = (yield* files.readFileString(file)).replace(
    marked,
    (_, before: string, after: string) => `${before}\n${table}\n${after}`,
  )
  const page: Page = { file, text }
  return page
})

export const writePages = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  for (const { file, text } of yield* pages) yield* files.writeFileString(file, text)
})
