/** Random ids in the form that OpenTelemetry wants; uniqueness matters here, secrecy does not. */
const hex = (digits: number): string => {
  let id = ""
  // Seven digits at a time: more than that is no small integer, and slow to write.
  while (id.length < digits) {
    id += (Math.floor(Math.random() * 0x1000_0000) + 0x1000_0000).toString(16).slice(1)
  }
  return id.slice(0, digits)
}

export const makeSpanId = (): string => hex(16)

export const makeTraceId = (): string => hex(32)
