import type { CodeLocation } from "../../../otel/lifetimes/model.ts"
import { type Markup, markup } from "../markup.ts"
import type { Snapshot } from "../snapshot.ts"

/** `src/routes.ts:15`, from the folder in which the program was started. */
const fileText = ({ file = "", line }: CodeLocation, directory: string | undefined): string => {
  const root = directory === undefined ? "" : `${directory.replace(/[/\\]$/, "")}/`
  const path = file.replace(/^file:\/\//, "")
  const shown = root !== "" && path.startsWith(root) ? path.slice(root.length) : path
  return line === undefined ? shown : `${shown}:${line}`
}

/** `openBroken src/routes.ts:15` */
export const placeText = (
  place: CodeLocation,
  { directory }: Pick<Snapshot, "directory">,
): string =>
  [place.function, place.file === undefined ? "" : fileText(place, directory)]
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

/** The function, and the line of its file: a link into the editor where there is one. */
export const codePlace = (
  place: CodeLocation,
  snapshot: Pick<Snapshot, "directory" | "editor">,
): Markup => {
  const file = place.file === undefined ? "" : fileText(place, snapshot.directory)
  const address = editorAddress(place, snapshot.editor)
  const shown = markup`<code>${file}</code>`
  return markup`<span class="code"><code>${place.function}</code> ${
    address === undefined
      ? shown
      : markup`<a class="editor" href="${address}" title="Open in the editor">${shown}</a>`
  }</span>`
}
