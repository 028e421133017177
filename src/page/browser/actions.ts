import type { ExchangeId } from "../snapshot.ts"
import { chips, orders } from "../view/choice.ts"
import { heldKey } from "../view/held-list.ts"
import type { Action } from "../view/key-table.ts"
import { findingMarkdown } from "../view/markdown.ts"
import { isPresent, kindsById, shownOld } from "../view/state.ts"
import { copyText, say } from "./clipboard.ts"
import { byId, closest, inputOf } from "./element.ts"
import { savePage } from "./save.ts"
import type { Session } from "./session.ts"
import type { Zoom } from "./zoom.ts"

type Done = (control?: HTMLElement) => void

/** What the buttons do besides what the keys do. */
type ButtonAction =
  | "fold-at"
  | "only"
  | "order"
  | "show-all"
  | "find"
  | "news"
  | "clear"
  | "bar"
  | "copy-text"
  | "save-file"
  | "keyboard"
  | "next-example"
  | "previous-example"

export interface Actions extends Readonly<Record<Action | ButtonAction, Done>> {
  /** Shows an exchange whole. */
  readonly show: (id: ExchangeId | undefined) => void
}

/** What the reader can do, by keys and by buttons. */
export const actionsOf = (session: Session, zoom: Zoom): Actions => {
  const opened = () => session.state.choice.exchange
  const row = (id: string | undefined) => session.state.snapshot.rows.find((it) => it.id === id)

  const open = (id: ExchangeId | undefined, { step = true, focus = true } = {}) => {
    if (id === undefined) return
    const known = row(id)
    const kinds = known?.kinds ?? []
    const isOther = id !== opened()
    session.change({ seen: new Set([...session.state.seen, ...kinds]), within: "" })
    session.choose(
      { exchange: id, window: undefined, span: undefined },
      { step: step && opened() === undefined },
    )
    inPlace(() => session.drawNow())
    if (isOther) byId("detail").scrollTop = 0
    if (focus) focusDetail()
  }

  const close = () => {
    const id = opened()
    if (id === undefined) return
    session.choose({ exchange: undefined, window: undefined, span: undefined })
    session.drawNow()
    ;(session.list.control(id) ?? byId("exchanges")).focus()
  }

  /** The focused row of the list, or else the open one. */
  const currentKey = () => closest(document.activeElement, "#list > li")?.dataset.key ?? opened()

  const go = (by: 1 | -1) => {
    const { keys } = session.list
    const at = keys.indexOf(currentKey() ?? "")
    const key = at < 0 ? keys[0] : keys[Math.min(keys.length - 1, Math.max(0, at + by))]
    if (key === undefined) return
    const control = session.list.control(key)
    if (opened() !== undefined && row(key) !== undefined)
      open(row(key)?.id, { step: false, focus: false })
    control?.focus()
    control?.scrollIntoView({ block: "nearest" })
  }

  const goFinding = (by: 1 | -1) => {
    const kinds = session.state.snapshot.findings.filter(isPresent)
    const at = kinds.findIndex(({ examples }) => examples.some((id) => id === opened()))
    const next =
      kinds[at < 0 ? (by > 0 ? 0 : kinds.length - 1) : (at + by + kinds.length) % kinds.length]
    if (next === undefined) say("No problems found.")
    open(next?.examples[0])
  }

  const goRoute = (by: 1 | -1) => {
    const id = opened() ?? currentKey()
    const route = row(id)?.route
    const rows = session.state.snapshot.rows.filter((it) => it.route === route)
    const at = rows.findIndex((it) => it.id === id)
    if (at >= 0) open(rows[at + by]?.id, { step: false })
  }

  const goExample = (by: 1 | -1) => {
    const id = opened()
    const examples = chosenKind()?.examples ?? []
    const at = id === undefined ? -1 : examples.indexOf(id)
    open(examples[(at + by + examples.length) % examples.length], { step: false, focus: false })
  }

  const chosenDetail = () => {
    const id = opened()
    return id === undefined ? undefined : session.state.details.get(id)
  }

  const chosenKind = () => {
    const id = opened()
    const kinds = kindsById(shownOld(session.state) ?? session.state.snapshot)
    const about = chosenDetail()?.kinds ?? row(id)?.kinds ?? []
    return about.flatMap((kind) => kinds.get(kind) ?? [])[0]
  }

  const fold = (unfold: boolean) => {
    const focused = document.activeElement
    const holder = closest(focused, ".repeats, #detail .row")
    const button = holder?.querySelector<HTMLElement>("[data-fold]")
    if (button !== null && button !== undefined && (button.ariaExpanded === "true") !== unfold) {
      toggleFold(button)
    }
  }

  const toggleFold = (control?: HTMLElement) => {
    const key = control?.dataset.fold
    if (key === undefined) return
    const unfolded = new Set(session.state.unfolded)
    if (!unfolded.delete(key)) unfolded.add(key)
    session.change({ unfolded })
  }

  const only = (chip: string | undefined) => {
    const { only } = session.state.choice
    session.choose({
      only: chips.filter((it) => (it === chip) !== only.includes(it)),
    })
  }

  const saveFile = () => {
    const isWhole = inputOf("save-whole")?.checked === true
    toggleDialog("saving")
    savePage(session.state, isWhole).then(
      (name) => say(`Saved as ${name}.`),
      () => say("It could not be saved."),
    )
  }

  return {
    show: open,
    next: () => go(1),
    previous: () => go(-1),
    open: () => open(row(currentKey())?.id),
    back: close,
    "next-finding": () => goFinding(1),
    "previous-finding": () => goFinding(-1),
    mark: () => {
      const { snapshot, now } = session.state
      const counts = new Map(snapshot.held.map((place) => [heldKey(place), place.count]))
      session.change({ mark: { at: now, counts } })
      say("Marked: what is held is counted from here.")
    },
    search: () =>
      (inputOf(opened() === undefined ? "search" : "within") ?? inputOf("search"))?.focus(),
    "only-open": () => only("open"),
    held: () => document.getElementById("held-name")?.focus(),
    "next-of-route": () => goRoute(1),
    "previous-of-route": () => goRoute(-1),
    unfold: () => fold(true),
    fold: () => fold(false),
    "fold-at": toggleFold,
    "zoom-in": () => zoom.by(0.5),
    "zoom-out": () => zoom.by(2),
    "zoom-all": () => zoom.all(),
    "zoom-selected": () => zoom.toBar(session.state.choice.span),
    editor: () => {
      const link = document.querySelector<HTMLElement>("#detail a.editor")
      if (link === null) say("No place in the code is known here that an editor could open.")
      else link.click()
    },
    copy: () => {
      const kind = chosenKind()
      if (kind === undefined) say("No finding is open: f opens the next one.")
      else {
        const text = findingMarkdown(kind, chosenDetail(), session.state.snapshot)
        copyText(text, `Copied ${kind.rule} as Markdown.`)
      }
    },
    link: () => copyText(location.href, "Copied a link to this view."),
    save: () => toggleDialog("saving"),
    "save-file": saveFile,
    pause: () => session.pause(!session.state.paused),
    keys: () => toggleDialog("keys"),
    only: (control) => only(control?.dataset.chip),
    order: (control) => {
      const order = orders.find((it) => it === control?.dataset.order)
      if (order !== undefined) session.choose({ order })
    },
    "show-all": () => {
      session.choose({ query: "", only: [], run: undefined, route: undefined })
      session.drawNow()
      inputOf("search")?.focus()
    },
    find: (control) => session.choose({ query: control?.dataset.words ?? "" }),
    news: () => session.showNews(),
    clear: () => {
      session.change({ clearedAt: session.state.now })
      say("What has ended without a finding is not listed any more.")
    },
    bar: (control) => {
      const span = control?.dataset.span
      session.choose({ span: span === session.state.choice.span ? undefined : span })
      session.drawNow()
      document.querySelector("#detail .row.selected")?.scrollIntoView({ block: "nearest" })
    },
    "copy-text": (control) => {
      const text = control?.parentElement?.querySelector("pre")?.textContent ?? ""
      copyText(text.trimEnd(), "Copied.")
    },
    keyboard: () => session.change({ keyboard: !session.state.keyboard }),
    "next-example": () => goExample(1),
    "previous-example": () => goExample(-1),
  }
}

const toggleDialog = (id: string) => {
  const dialog = byId(id)
  if (!(dialog instanceof HTMLDialogElement)) return
  if (dialog.open) dialog.close()
  else dialog.showModal()
}

/** The pressed button stays where it is, although the lists get narrower. */
const inPlace = (change: () => void) => {
  const pressed = closest(document.activeElement, "#list > li, #findings li")
  const before = pressed?.getBoundingClientRect().top ?? 0
  change()
  if (pressed !== undefined) scrollBy(0, pressed.getBoundingClientRect().top - before)
}

const focusDetail = () => {
  const heading = byId("detail").querySelector<HTMLElement>("h2")
  heading?.focus({ preventScroll: true })
  byId("detail").scrollIntoView({ block: "nearest" })
}
