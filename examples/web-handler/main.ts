/** What such a platform does: it asks the handler, passes the body on, and cancels it. */
import { dispose, handler } from "./handler.ts"

for (const path of ["/healthy", "/broken"]) {
  const { body } = await handler(new Request(`http://localhost${path}`))
  let frames = 0
  for await (const _ of body ?? []) {
    frames += 1
    if (frames === 3) break
  }
  console.log(`${path}: ${frames} of 3 frames`)
}
await dispose()
