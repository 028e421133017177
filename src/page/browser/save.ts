import type { Freezable } from "../frozen.ts"
import { frozenDocument } from "../frozen-document.ts"
import { shareableDetail, shareableSnapshot } from "../shareable.ts"
import type { PageState } from "../view/state.ts"

/** What the page holds: what it never asked for is not there any more. `whole` leaves nothing of that out. */
const freezable = (state: PageState, whole: boolean): Freezable => {
  const { details, now } = state
  const snapshot = { ...state.snapshot, now }
  return {
    snapshot: whole ? snapshot : shareableSnapshot(snapshot),
    detail: async (id) => {
      const detail = details.get(id)
      return detail === undefined || whole ? detail : shareableDetail(detail)
    },
  }
}

const textOf = (selector: string): string => document.querySelector(selector)?.textContent ?? ""

/** Saves the page as one file. It is its own template: no server is asked. */
export const savePage = async (state: PageState, whole: boolean): Promise<string> => {
  const policy = document.querySelector<HTMLMetaElement>("meta[http-equiv]")?.content ?? ""
  const page = await frozenDocument(freezable(state, whole), {
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
