import * as Effect from "effect/Effect"
import { UsageError } from "../failure.ts"

const editors: Readonly<Record<string, string | undefined>> = {
  vscode: "vscode://file/{path}:{line}",
  cursor: "cursor://file/{path}:{line}",
  zed: "zed://file/{path}:{line}",
  idea: "idea://open?file={path}&line={line}",
  none: undefined,
}

/** The address that opens a place in the code, with `{path}` and `{line}` in it; `undefined` for none. */
export const editorAddress = (text: string): Effect.Effect<string | undefined, UsageError> => {
  if (Object.hasOwn(editors, text)) return Effect.succeed(editors[text])
  const isAddress =
    /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^(?:javascript|data|vbscript):/i.test(text)
  if (isAddress && text.includes("{path}")) return Effect.succeed(text)
  const message = `--editor ${JSON.stringify(text)}: use ${Object.keys(editors).join(", ")}, or an address such as vscode://file/{path}:{line}.`
  return Effect.fail(new UsageError({ message }))
}
