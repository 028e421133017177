import { readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { fileURLToPath } from "node:url"

/**
 * Combines modules into one script for a document: each becomes a function that returns its exports, after the
 * modules that it imports. It supports only named imports and exports, which is all that this project uses.
 */
export const scriptOf = (entry: URL): string => {
  const names = new Map<string, string>()
  const parts: Array<string> = []
  /** Adds the modules that it needs before it; returns its code and its exports. */
  const read = (module: URL) => {
    const body = plainSource(module).replaceAll(
      imports,
      (_, named: string, path: string) =>
        `const {${named.replaceAll(/\s+as\s+/g, ": ")}} = ${add(new URL(path, module))}`,
    )
    const exported = [...body.matchAll(exports)].map(([, name]) => name)
    const inner = body.replaceAll(exports, (declaration) => declaration.replace("export ", ""))
    if (/^(?:import|export)\b/m.test(inner)) {
      throw new Error(
        `${fileURLToPath(module)} imports or exports in a form that is not known here`,
      )
    }
    return { inner: inner.trim(), exported }
  }
  const add = (module: URL): string => {
    const known = names.get(module.href)
    if (known !== undefined) return known
    const { inner, exported } = read(module)
    const name = `module${names.size}`
    names.set(module.href, name)
    parts.push(`const ${name} = (() => {\n${inner}\nreturn { ${exported.join(", ")} }\n})()\n`)
    return name
  }
  // The entry itself may use `await`, which a function may not.
  parts.push(`${read(entry).inner}\n`)
  return parts.join("").replaceAll(endsScript, "\\x3c")
}

/** Escapes what would end the script in a document, or begin another one. */
const endsScript = /<(?=\/?script|!--)/gi

const imports = /^import\s*\{([^}]*)\}\s*from\s*"(\.[^"]+)"/gm

const exports = /^export (?:const|class|function|async function) (\w+)/gm

const comments = /^\s*\/\*\*[\s\S]*?\*\/\s*$|^\s*\/\/.*$/gm

/** Blanks that removed types leave in front of a sign; no text of ours has a sign after blanks. */
const blanks = / {2,}(?=[),=;{>\]:}])/g

/** Without types and comments; packed code has no types any more. */
const plainSource = (module: URL): string => {
  const source = readFileSync(module, "utf8")
  const script = module.pathname.endsWith(".ts") ? withoutTypes(source) : source
  return script
    .replaceAll(comments, "")
    .replaceAll(blanks, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^import \{ ?\} from/.test(line))
    .join("\n")
}

/** Node warns that this function may change. A test checks that it still does what we need. */
const withoutTypes = (source: string): string => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}
