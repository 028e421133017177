/** Random ids in the form that OpenTelemetry wants; uniqueness matters here, secrecy does not. */
const hex = (digits: number): string => {
  let id = ""
  while (id.length < digits) {
    id += Math.floor(Math.random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, "0")
  }
  return id
}

export const makeSpanId = (): string => hex(16)

export const makeTraceId = (): string => hex(32)
