// Loaded before a program: changes the text of Effect as it is loaded, as a later version might have it.
import { registerHooks } from "node:module"

const { file, from, to } = JSON.parse(process.env.BREAK_EFFECT ?? "{}")

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context)
    if (!url.includes("/node_modules/effect/dist/") || !new RegExp(file).test(url)) return loaded
    return { ...loaded, source: String(loaded.source).replaceAll(new RegExp(from, "g"), to) }
  },
})
