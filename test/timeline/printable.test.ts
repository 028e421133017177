import { describe, expect, it } from "vitest"
import { printable } from "../../otel/timeline/printable.ts"

describe("printable", () => {
  it("leaves ordinary text of any script alone", () => {
    const text = 'scope "handler" · été, Ωμέγα, 日本語, שלום, 🚀'
    expect(printable(text)).toBe(text)
  })

  it("shows C0, DEL and C1 control characters as escapes", () => {
    expect(printable("a\u001b[2Jb\n\t\r\u0000\u007f\u009bc")).toBe(
      "a\\u001b[2Jb\\u000a\\u0009\\u000d\\u0000\\u007f\\u009bc",
    )
  })

  it("shows bidirectional controls, separators, invisible characters and lone surrogates as escapes", () => {
    expect(printable("\u202e\u2066\u200f\u2028\u2029\u200b\ufeff\ud800")).toBe(
      "\\u202e\\u2066\\u200f\\u2028\\u2029\\u200b\\ufeff\\ud800",
    )
    expect(printable("\u{e0041}")).toBe("\\u{e0041}")
  })

  it("cuts what is too long, with the ellipsis inside the maximum", () => {
    expect(printable("abcdef", 6)).toBe("abcdef")
    expect(printable("abcdefg", 6)).toBe("abcde…")
    expect(printable("abc", 1)).toBe("…")
    expect(printable("abc", 0)).toBe("")
  })

  it("cuts what nobody would read to its end, where no maximum is given", () => {
    expect(printable("a".repeat(1_000))).toBe("a".repeat(1_000))
    expect(printable("a".repeat(100_000))).toBe(`${"a".repeat(999)}…`)
  })

  it("cuts neither an escape nor a surrogate pair in half", () => {
    expect(printable("ab\u001bcd", 7)).toBe("ab…")
    expect(printable("ab🚀🚀", 5)).toBe("ab🚀…")
  })
})
