/**
 * Sees the lifetimes of a whole process: `node --import scopeline/register app.js`, or
 * `bun --preload scopeline/register app.ts`. Effect and the library are loaded once the program asks for Effect.
 *
 * Plain JavaScript, here and in what it imports: it runs in every process of an `npm run`, and on any Node.js.
 */
import { observeInBun } from "./register/bun.js"
import { observeInNode } from "./register/node.js"
import { isFirst } from "./register/process-state.js"

if (isFirst) {
  if (process.versions.bun === undefined) observeInNode()
  else observeInBun()
}
