import type { Style } from "../../bench/large-trace.ts"

/** Sets `window.ran` where any of it is taken for a script. */
const hostileTexts = [
  `<script>window.ran = 1</script>`,
  `</script><script>window.ran = 1</script>`,
  `"><img src=x onerror="window.ran = 1">`,
  `' onmouseover='window.ran = 1' x='`,
  `</title></style><svg onload="window.ran = 1">`,
  "javascript:window.ran=1",
  "<!--<script>",
  "\u202e\u2066gnp.exe\u2069\u200f",
  "\u001b[2J\u001b]0;pwned\u0007\u0000\u009b31m",
  "line\u2028and\u2029paragraph\r\nbreak",
  "\ud800lone surrogate",
  "日本語🚀\u0301".repeat(40),
]

/** As hostile as a sender can make it: markup, control characters, and strings of 100 kB. */
export const hostile: Style = {
  name: (index) => hostileTexts[index % hostileTexts.length] ?? "",
  attributes: Object.fromEntries([
    ...hostileTexts.map((text, index) => [`${text}${index}`, text]),
    ["long", "x<b>".repeat(25_000)],
    ["nested", { "<i>": ["</script>", 1, true] }],
  ]),
}
