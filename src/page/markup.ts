import { printable } from "../../otel/timeline/printable.ts"

/** Markup that is safe to write into a page as it is. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Content = Markup | string | number | undefined | ReadonlyArray<Content>

/**
 * Markup in which the inserted values are escaped, unless they are markup themselves. Control, format and
 * bidirectional characters become visible escapes, so that names from outside reorder nothing. Long texts are
 * cut.
 */
export const markup = (parts: TemplateStringsArray, ...contents: ReadonlyArray<Content>): Markup =>
  new Markup(parts.map((part, index) => part + textOf(contents[index])).join(""))

const textOf = (content: Content): string => {
  if (content instanceof Markup) return content.text
  if (content === undefined) return ""
  if (typeof content === "string") return escaped(content)
  return typeof content === "number" ? String(content) : content.map(textOf).join("")
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

const escaped = (text: string): string =>
  printable(text).replace(/[&<>"']/g, (character) => entities[character] ?? "")
