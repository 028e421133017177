/**
 * Names and messages come from outside. A control character in them could move the cursor, change
 * colours or reorder what a reviewer reads, and lone surrogates break encoders.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

const ellipsis = "…"

/** Nobody reads more of one text, and a sender may make it as long as a page can be. */
const longestText = 1000

/**
 * The text with every control, format, bidirectional and line-separating character as a visible
 * escape such as `\u001b`, and at most `maximum` UTF-16 units long, 1,000 unless told otherwise, the
 * ellipsis of a cut included.
 */
export const printable = (text: string, maximum = longestText): string => {
  const beginning = text.length <= maximum ? text : text.slice(0, maximum)
  if (!unprintable.test(beginning)) {
    if (beginning === text) return text
    const cut = text.slice(0, Math.max(0, maximum - ellipsis.length))
    // Half a character is left out, as below.
    if (!unprintable.test(cut)) return maximum < 1 ? "" : cut + ellipsis
  }
  let shown = ""
  let shownBeforeEllipsis = ""
  for (const character of text) {
    shown += unprintable.test(character) ? escapeOf(character) : character
    if (shown.length > maximum) return maximum < 1 ? "" : shownBeforeEllipsis + ellipsis
    if (shown.length <= maximum - ellipsis.length) shownBeforeEllipsis = shown
  }
  return shown
}

const escapeOf = (character: string): string => {
  const hex = (character.codePointAt(0) ?? 0).toString(16)
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`
}
