/** How much is asked of a server in one round. */
export const readers = 100
export const events = 2_000
export const warmUpEvents = 500

/** What OpenCode sends most while an assistant talks. */
export const published = JSON.stringify({
  type: "message.part.delta",
  properties: { sessionID: "ses_1", messageID: "msg_1", delta: "a few words of text" },
})
