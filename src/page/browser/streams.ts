import type { EventStream } from "../snapshot.ts"
import { say } from "./clipboard.ts"
import { byId, inputOf } from "./element.ts"
import { ShownStream, shortened } from "./event-stream.ts"

/** Connects to the streams on the page, and publishes to all of them at once. */
export const connectStreams = (streams: ReadonlyArray<EventStream>): void => {
  if (streams.length === 0) return
  for (const { name } of streams) new ShownStream(byId(`stream-${name}`))
  let published = 0
  byId("publish").addEventListener("submit", (submitted) => {
    submitted.preventDefault()
    const type = inputOf("type")?.value ?? ""
    published += 1
    const number = published
    const body = JSON.stringify({ type, properties: { number } })
    Promise.all(
      streams.map(({ name, url }) => publish(url, body).then((took) => (took ? [] : [name]))),
    ).then((failures) => {
      const failed = failures.flat()
      say(
        failed.length === 0
          ? `Published ${shortened(type, 60)}, number ${number}, to ${streams.length === 2 ? "both servers" : "all servers"}.`
          : `Number ${number} did not reach ${failed.join(" and ")}.`,
      )
    })
  })
}

const publish = async (url: string, body: string): Promise<boolean> => {
  const headers = { "content-type": "application/json" }
  const response = await fetch(url, { method: "POST", headers, body }).catch(() => undefined)
  return response?.ok === true
}
