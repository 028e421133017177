import type { Freezable } from "../frozen.ts"
import { frozenDocument } from "../frozen-document.ts"
import { shareable } from "../shareable.ts"
import type { PageState } from "../view/state.ts"

/** What the page holds. What it never requested is not there any more. */
const freezable = ({ snapshot, details, now }: PageState): Freezable => ({
  snapshot: { ...snapshot, now },
  detail: async (id) => details.get(id),
})

const textOf = (selector: string): string => document.querySelector(selector)?.textContent ?? ""

/**
 * Saves the page as one file. The page is its own template, so no server is needed. `whole` leaves nothing out.
 */
export const savePage = async (state: PageState, whole: boolean): Promise<string> => {
  const policy = document.querySelector<HTMLMetaElement>("meta[http-equiv]")?.content ?? ""
  const page = await frozenDocument(whole ? freezable(state) : shareable(freezable(state)), {
    style: textOf("style"),
    loader: textOf('#page ~ script[type="module"]'),
    script: textOf("#script"),
    policy: policy.replace(/ connect-src [^;]*;/, ""),
  })
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([page], { type: "text/html" }))
  link.download = "scopeline.html"
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  return link.download
}
