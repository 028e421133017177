import type { ExchangeDetail, FindingKind, Snapshot } from "../../page/snapshot.ts"
import { standingText } from "../../page/view/finding-list.ts"
import { type MarkdownGroup, markdownDocument } from "../../page/view/markdown-document.ts"
import { isLeft } from "./news-text.ts"

/** What was found in a program that was watched, as Markdown; `details` are of the exchanges that are still known. */
export const watchMarkdown = (
  snapshot: Snapshot,
  details: ReadonlyMap<string, ExchangeDetail>,
  verdict: ReadonlyArray<string>,
): string => {
  const { title, findings, notes, environment, directory } = snapshot
  const groupOf = (
    heading: string,
    isOpen: boolean,
    kinds: ReadonlyArray<FindingKind>,
  ): MarkdownGroup => ({
    heading,
    isOpen,
    findings: kinds.map((kind) => ({
      kind,
      detail: kind.examples.flatMap((id) => details.get(id) ?? [])[0],
      note: standingText(kind, snapshot),
    })),
  })
  return markdownDocument({
    title: `Watched: ${title}`,
    verdict,
    groups: [
      groupOf("Found", true, findings.filter(isLeft)),
      groupOf(
        "Gone, withdrawn or known",
        false,
        findings.filter((kind) => !isLeft(kind)),
      ),
    ],
    notes,
    ...(environment === undefined ? {} : { environment }),
    ...(directory === undefined ? {} : { directory }),
  })
}
