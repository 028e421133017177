import { describe, expect, it } from "vitest"
import { shareable } from "../../src/page/shareable.ts"
import { pageOf, recorded } from "./snapshots.ts"

const secrets = {
  "app.password": "secret",
  "url.query": "token=secret",
  "url.full": "http://127.0.0.1/event?token=secret",
  "http.url": "http://127.0.0.1/event?token=secret",
  "http.target": "/event?token=secret",
  "http.request.header.authorization": ["secret"],
  "client.address": "secret",
}

/** As Effect's logger has it: the event is named by what was logged. */
const log = { name: "the secret is out", time: 0, attributes: { "effect.logLevel": "INFO" } }

const exception = {
  name: "exception",
  time: 0,
  attributes: { "exception.type": "NotFound", "exception.stacktrace": "NotFound: secret" },
}

const { snapshot, details } = pageOf(
  recorded("scope-closed-early").map((span) => ({
    ...span,
    attributes: { ...span.attributes, ...secrets },
    events: [...span.events, log, exception],
  })),
)

const shown = shareable({ snapshot, detail: async (id) => details.find((it) => it.id === id) })
const shownDetails = Promise.all(details.map(({ id }) => shown.detail(id)))

describe("what is shown to others", () => {
  it("has no query strings, headers, log lines or attributes of others, in no exchange and no row", async () => {
    expect(JSON.stringify([snapshot, details]).match(/secret/g)?.length).toBeGreaterThan(10)
    expect(JSON.stringify([shown.snapshot, await shownDetails])).not.toContain("secret")
    expect(shown.snapshot.notes.at(-1)).toMatch(/^Query strings, .* are not in this file\.$/)
  })

  it("has what rules read, and what the exchange is called", async () => {
    const text = JSON.stringify(await shownDetails)
    for (const name of [
      "NotFound",
      "exchange.head_sent",
      "effect.pubsub.name",
      "http.route",
      "http.response.header.content-type",
    ]) {
      expect(text, name).toContain(name)
    }
    expect(shown.snapshot.rows[0]?.words).toContain("get /event")
  })
})
