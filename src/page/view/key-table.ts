/** What each key does; `?` shows this table. */

export type Action =
  | "next"
  | "previous"
  | "open"
  | "back"
  | "next-finding"
  | "previous-finding"
  | "mark"
  | "search"
  | "only-open"
  | "held"
  | "next-of-route"
  | "previous-of-route"
  | "unfold"
  | "fold"
  | "zoom-in"
  | "zoom-out"
  | "zoom-all"
  | "zoom-selected"
  | "editor"
  | "copy"
  | "link"
  | "save"
  | "pause"
  | "keys"

interface KeyLine {
  readonly keys: ReadonlyArray<string>
  readonly action: Action
  readonly says: string
}

export const keyTable: ReadonlyArray<KeyLine> = [
  { keys: ["j", "ArrowDown"], action: "next", says: "next row" },
  { keys: ["k", "ArrowUp"], action: "previous", says: "previous row" },
  { keys: ["Enter"], action: "open", says: "open the row" },
  { keys: ["Escape"], action: "back", says: "go back" },
  { keys: ["f"], action: "next-finding", says: "next finding" },
  { keys: ["F"], action: "previous-finding", says: "previous finding" },
  { keys: ["n"], action: "next-of-route", says: "next exchange of this route" },
  { keys: ["p"], action: "previous-of-route", says: "previous exchange of this route" },
  { keys: ["/"], action: "search", says: "search" },
  { keys: ["o"], action: "only-open", says: "show only what is open" },
  { keys: ["h"], action: "held", says: "go to what is held now" },
  { keys: ["m"], action: "mark", says: "count what is held from here" },
  { keys: ["ArrowRight"], action: "unfold", says: "unfold repeated rows" },
  { keys: ["ArrowLeft"], action: "fold", says: "fold repeated rows" },
  { keys: ["+"], action: "zoom-in", says: "zoom in" },
  { keys: ["-"], action: "zoom-out", says: "zoom out" },
  { keys: ["0"], action: "zoom-all", says: "show the whole time axis" },
  { keys: ["z"], action: "zoom-selected", says: "zoom to the selected bar" },
  { keys: ["e"], action: "editor", says: "open the code in the editor" },
  { keys: ["c"], action: "copy", says: "copy the finding as Markdown" },
  { keys: ["l"], action: "link", says: "copy a link to this view" },
  { keys: ["s"], action: "save", says: "save this page as a file" },
  { keys: [" "], action: "pause", says: "pause this page" },
  { keys: ["?"], action: "keys", says: "show or hide these keys" },
]

export const actionOf = (key: string): Action | undefined =>
  keyTable.find(({ keys }) => keys.includes(key))?.action

const names: Readonly<Record<string, string>> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowRight: "→",
  ArrowLeft: "←",
  Escape: "Esc",
  " ": "Space",
}

export const keyName = (key: string): string => names[key] ?? key
