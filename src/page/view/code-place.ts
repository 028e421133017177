import type { CodeLocation } from "../../../otel/lifetimes/model.ts"
import { type Markup, markup } from "../markup.ts"
import type { Snapshot } from "../snapshot.ts"

type Directory = Pick<Snapshot, "directory">

/** With a separator at its end; nothing where all files are below it. */
const rootOf = ({ directory = "" }: Directory): string => {
  const root = directory.replace(/[/\\]$/, "")
  return root === "" ? "" : `${root}/`
}

/** `src/routes.ts`, from the folder in which the program was started. */
const pathText = ({ file = "" }: CodeLocation, snapshot: Directory): string => {
  const root = rootOf(snapshot)
  const path = file.replace(/^file:\/\//, "")
  return root !== "" && path.startsWith(root) ? path.slice(root.length) : path
}

/** A sentence with the paths in it from that folder. */
export const withShortPaths = (sentence: string, snapshot: Directory): string => {
  const root = rootOf(snapshot)
  return root === "" ? sentence : sentence.replaceAll(` ${root}`, " ")
}

const lineText = ({ line }: CodeLocation): string => (line === undefined ? "" : `:${line}`)

/** `openBroken src/routes.ts:15` */
export const placeText = (place: CodeLocation, snapshot: Directory): string =>
  [place.function, place.file === undefined ? "" : pathText(place, snapshot) + lineText(place)]
    .filter((part) => part !== "")
    .join(" ")

const absolute = /^(?:\/|[a-zA-Z]:[\\/])/

/** The address that opens the place in an editor: absolute paths alone, in the template that was set. */
export const editorAddress = (
  { file, line = 1 }: CodeLocation,
  template: string | undefined,
): string | undefined => {
  const path = file?.replace(/^file:\/\//, "")
  if (template === undefined || path === undefined || !absolute.test(path)) return undefined
  if (!/^[a-z][a-z0-9+.-]*:/i.test(template) || /^(?:javascript|data|vbscript):/i.test(template))
    return undefined
  const parts = path.replaceAll("\\", "/").split("/").map(encodeURIComponent)
  const encoded = parts.join("/").replace(/%3A/i, ":")
  return template
    .replaceAll("/{path}", encoded.startsWith("/") ? encoded : `/${encoded}`)
    .replaceAll("{path}", encoded)
    .replaceAll("{line}", String(line))
}

/** The function, and the line of its file: a link into the editor if there is one. */
export const codePlace = (
  place: CodeLocation,
  snapshot: Pick<Snapshot, "directory" | "editor">,
): Markup => {
  const address = editorAddress(place, snapshot.editor)
  const file =
    place.file === undefined
      ? undefined
      : markup`<code class="path">${pathText(place, snapshot)}</code><code class="line">${lineText(place)}</code>`
  return markup`<span class="code"><code>${place.function}</code> ${
    address === undefined
      ? markup`<span class="file">${file}</span>`
      : markup`<a class="file editor" href="${address}" title="Open in the editor">${file}</a>`
  }</span>`
}
