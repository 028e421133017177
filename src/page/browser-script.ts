import { readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { fileURLToPath } from "node:url"

/**
 * Modules as one script that a document can hold: each becomes a function that gives what it exports, those
 * that it imports come before it. Only named imports and exports are known, as this project writes them.
 */
export const scriptOf = (entry: URL): string => {
  const names = new Map<string, string>()
  const parts: Array<string> = []
  /** What a module needs comes before it; gives what stands in it, and what it exports. */
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
  // The entry itself may wait for something, which a function may not.
  parts.push(`${read(entry).inner}\n`)
  return parts.join("").replaceAll(endsScript, "\\x3c")
}

/** In a text of the script, what would end it where it stands in a document, or begin another one. */
const endsScript = /<(?=\/?script|!--)/gi

const imports = /^import\s*\{([^}]*)\}\s*from\s*"(\.[^"]+)"/gm

const exports = /^export (?:const|class|function|async function) (\w+)/gm

const comments = /^\s*\/\*\*[\s\S]*?\*\/\s*$|^\s*\/\/.*$/gm

/** What types leave behind, in front of a sign that no text of ours has behind blanks. */
const blanks = / {2,}(?=[),=;{>\]:}])/g

/** Without types and comments; what was packed has no types any more. */
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

/** Node warns that this function may change. A test says whether it still does what is needed here. */
const withoutTypes = (source: string): string => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}
