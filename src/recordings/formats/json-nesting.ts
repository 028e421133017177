const quote = 0x22
const backslash = 0x5c

/**
 * How many objects and lists are open after a line of JSON, if `nesting` were open before it; `undefined` if no
 * line of JSON can end like this: inside a string, or with more closed than opened.
 */
export const nestingAfter = (line: string, nesting: number): number | undefined => {
  let open = nesting
  for (let at = 0; at < line.length; at++) {
    switch (line.charCodeAt(at)) {
      case quote: {
        const end = endOfString(line, at + 1)
        if (end === -1) return undefined
        at = end
        break
      }
      case 0x7b:
      case 0x5b:
        open += 1
        break
      case 0x7d:
      case 0x5d:
        open -= 1
        if (open < 0) return undefined
        break
    }
  }
  return open
}

const endOfString = (line: string, from: number): number => {
  for (let end = line.indexOf('"', from); end !== -1; end = line.indexOf('"', end + 1)) {
    let first = end
    while (first > from && line.charCodeAt(first - 1) === backslash) first -= 1
    if ((end - first) % 2 === 0) return end
  }
  return -1
}
